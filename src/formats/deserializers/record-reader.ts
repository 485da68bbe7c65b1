import { strict as assert } from "node:assert"
import type { HiveType, RowType, StructValues, Values } from "../columns/index.ts"
import { hiveRules } from "./hive.ts"
import { endOfInput, JsonInput, openBrace } from "./json-input.ts"
import { ListReader, MapReader, StructReader } from "./nested-readers.ts"
import { openxRules } from "./openx.ts"
import { noObject } from "./problems.ts"
import type { ConversionProblem, Deserializer, OpenRowReader, RowReader } from "./row-reader.ts"
import {
  BinaryReader,
  BooleanReader,
  DateReader,
  DecimalReader,
  DoubleReader,
  FloatReader,
  IntegerReader,
  LongReader,
  TextReader,
  TimestampReader,
} from "./scalar-readers.ts"
import type { Rules, ValueReader } from "./value-reader.ts"

export const openRowReader: OpenRowReader = (type, deserializer) => new RecordReader(type, deserializer)

/** Reads records by readers that are made for the columns of `rows` when those come first. */
class RecordReader implements RowReader {
  readonly #type: RowType
  readonly #rules: Rules
  readonly #input = new JsonInput()
  readonly #readers = new WeakMap<StructValues, StructReader>()
  #last: StructReader | undefined

  constructor(type: RowType, deserializer: Deserializer) {
    this.#type = type
    this.#rules = deserializer.kind === "openx" ? openxRules(deserializer) : hiveRules(deserializer)
  }

  read(bytes: Uint8Array, start: number, end: number, rows: StructValues): ConversionProblem | undefined {
    const reader = this.#last?.values === rows ? this.#last : this.#readerOf(rows)
    const input = this.#input
    input.open(bytes, start, end)
    if (readObjects(input, reader)) return undefined
    const { problem } = input
    // That it is no JSON at all is told first, wherever in the record that is.
    return input.isMismatch && !input.isAllJson() ? input.problem : problem
  }

  #readerOf(rows: StructValues): StructReader {
    const reader = this.#readers.get(rows) ?? structReader(this.#type, rows, this.#rules)
    this.#readers.set(rows, reader)
    this.#last = reader
    return reader
  }
}

/** Reads objects, one after the other, of which there must be one. All of them are taken back if one can't be taken. */
function readObjects(input: JsonInput, reader: StructReader): boolean {
  for (let objectCount = 0; ; objectCount++) {
    const first = input.next()
    if (first === endOfInput && objectCount > 0) return true
    if (first === openBrace ? reader.readObject(input) : input.mismatch(noObject)) continue
    reader.values.truncate(reader.values.entryCount - objectCount)
    return false
  }
}

/** The reader of a column. `values` are those of the type. */
function valueReader(type: HiveType, values: Values, rules: Rules): ValueReader {
  switch (type.kind) {
    case "boolean":
      assert(values.kind === "boolean")
      return new BooleanReader(values, rules)
    case "tinyint":
      assert(values.kind === "integer")
      return new IntegerReader(values, rules, 8)
    case "smallint":
      assert(values.kind === "integer")
      return new IntegerReader(values, rules, 16)
    case "int":
      assert(values.kind === "integer")
      return new IntegerReader(values, rules, 32)
    case "bigint":
      assert(values.kind === "long")
      return new LongReader(values, rules)
    case "float":
      assert(values.kind === "float")
      return new FloatReader(values, rules)
    case "double":
      assert(values.kind === "double")
      return new DoubleReader(values, rules)
    case "decimal":
      assert(values.kind === "decimal")
      return new DecimalReader(values, rules, type.precision, type.scale)
    case "string":
      assert(values.kind === "text")
      return new TextReader(values, rules)
    case "char":
    case "varchar":
      assert(values.kind === "text")
      return new TextReader(values, rules, type.length)
    case "binary":
      assert(values.kind === "text")
      return new BinaryReader(values, rules)
    case "date":
      assert(values.kind === "integer")
      return new DateReader(values, rules)
    case "timestamp":
      assert(values.kind === "timestamp")
      return new TimestampReader(values, rules)
    case "array":
      assert(values.kind === "list")
      return new ListReader(values, rules, valueReader(type.element, values.elements, rules))
    case "map": {
      assert(values.kind === "map")
      const keys = valueReader(type.key, values.keys, rules)
      return new MapReader(values, rules, keys, valueReader(type.value, values.values, rules), type.key.kind)
    }
    case "struct":
      assert(values.kind === "struct")
      return structReader(type, values, rules)
  }
}

function structReader({ fields }: RowType, values: StructValues, rules: Rules): StructReader {
  const readers = fields.map((field, index) => {
    const column = values.fields[index]
    assert(column !== undefined)
    return valueReader(field.type, column, rules)
  })
  return new StructReader(values, rules, fields, readers)
}
