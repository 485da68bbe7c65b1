/**
 * A table's columns as Hive's writer describes them to Parquet (spec/format-conversion.md, section 4). Everything is optional but
 * the keys of maps:
 *
 *     message hive_schema {
 *       optional int32 a_tinyint (INT_8);  optional int32 an_int;  optional int64 a_bigint;  optional int96 a_timestamp;
 *       optional binary a_string (UTF8);   optional binary a_binary;  optional int32 a_date (DATE);
 *       optional fixed_len_byte_array(5) a_decimal (DECIMAL(10,2));
 *       optional group an_array (LIST) { repeated group bag { optional T array_element; } }
 *       optional group a_map (MAP) { repeated group map (MAP_KEY_VALUE) { required K key; optional V value; } }
 *       optional group a_struct { optional T field; }
 *     }
 */
import type { Column, HiveType, RowType } from "../columns/index.ts"
import { boolean, i8, i32, struct, type Thrift, text } from "./thrift.ts"

/** How values are stored, whatever they mean. */
export type PhysicalType = keyof typeof physicalTypeNumbers

export const physicalTypeNumbers = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const

/** A column that holds values: one of the table, or what is within it. */
export interface Leaf {
  readonly kind: "leaf"
  readonly name: string
  readonly repetition: Repetition
  readonly physicalType: PhysicalType
  /** Bytes of each value of a FIXED_LEN_BYTE_ARRAY. */
  readonly widthBytes?: number
  readonly annotation?: Annotation
}

interface Group {
  readonly kind: "group"
  readonly name: string
  readonly repetition?: Repetition
  readonly annotation?: Annotation
  readonly children: readonly SchemaNode[]
}

type SchemaNode = Leaf | Group
type Repetition = keyof typeof repetitionNumbers

const repetitionNumbers = { required: 0, optional: 1, repeated: 2 } as const

/** What values mean: by the number of the older kind of annotation, and as a struct of the newer one where that has it. */
interface Annotation {
  readonly converted: number
  readonly logical?: Thrift
  readonly precision?: number
  readonly scale?: number
}

const empty = struct({})
const utf8: Annotation = { converted: 0, logical: struct({ 1: empty }) }
const mapOfEntries: Annotation = { converted: 1, logical: struct({ 2: empty }) }
const mapEntry: Annotation = { converted: 2 }
const listOfElements: Annotation = { converted: 3, logical: struct({ 3: empty }) }
const date: Annotation = { converted: 6, logical: struct({ 6: empty }) }
const int8: Annotation = { converted: 15, logical: struct({ 10: struct({ 1: i8(8), 2: boolean(true) }) }) }
const int16: Annotation = { converted: 16, logical: struct({ 10: struct({ 1: i8(16), 2: boolean(true) }) }) }

function decimal(precision: number, scale: number): Annotation {
  const logical = struct({ 5: struct({ 1: i32(scale), 2: i32(precision) }) })
  return { converted: 5, logical, precision, scale }
}

/** The schema as the footer holds it: a SchemaElement for each node, parents before their children. */
export function schemaElements(type: RowType): readonly Thrift[] {
  return elements({ kind: "group", name: "hive_schema", children: type.fields.map((field) => optional(field)) })
}

/** The leaves in the order of their column chunks, with the names that lead to each. */
export function leaves(type: RowType): readonly { readonly path: readonly string[]; readonly leaf: Leaf }[] {
  return type.fields.flatMap((field) => leavesBelow(optional(field), []))
}

function leavesBelow(node: SchemaNode, above: readonly string[]): { path: readonly string[]; leaf: Leaf }[] {
  const path = [...above, node.name]
  return node.kind === "leaf" ? [{ path, leaf: node }] : node.children.flatMap((child) => leavesBelow(child, path))
}

function elements(node: SchemaNode): Thrift[] {
  const { annotation, repetition } = node
  const isLeaf = node.kind === "leaf"
  const number = (value: number | undefined) => (value === undefined ? undefined : i32(value))
  const element = struct({
    1: isLeaf ? i32(physicalTypeNumbers[node.physicalType]) : undefined,
    2: isLeaf ? number(node.widthBytes) : undefined,
    3: repetition === undefined ? undefined : i32(repetitionNumbers[repetition]),
    4: text(node.name),
    5: isLeaf ? undefined : i32(node.children.length),
    6: number(annotation?.converted),
    7: number(annotation?.scale),
    8: number(annotation?.precision),
    10: annotation?.logical,
  })
  return isLeaf ? [element] : [element, ...node.children.flatMap(elements)]
}

function optional({ name, type }: Column): SchemaNode {
  return node(name, type, "optional")
}

function node(name: string, type: HiveType, repetition: Repetition): SchemaNode {
  const leaf = (physicalType: PhysicalType, annotation?: Annotation): Leaf => {
    const plain: Leaf = { kind: "leaf", name, repetition, physicalType }
    return annotation === undefined ? plain : { ...plain, annotation }
  }
  const group = { kind: "group", name, repetition } as const
  switch (type.kind) {
    case "boolean":
      return leaf("BOOLEAN")
    case "tinyint":
      return leaf("INT32", int8)
    case "smallint":
      return leaf("INT32", int16)
    case "int":
      return leaf("INT32")
    case "bigint":
      return leaf("INT64")
    case "float":
      return leaf("FLOAT")
    case "double":
      return leaf("DOUBLE")
    case "decimal": {
      const annotated = leaf("FIXED_LEN_BYTE_ARRAY", decimal(type.precision, type.scale))
      return { ...annotated, widthBytes: decimalBytes(type.precision) }
    }
    case "string":
    case "char":
    case "varchar":
      return leaf("BYTE_ARRAY", utf8)
    case "binary":
      return leaf("BYTE_ARRAY")
    case "date":
      return leaf("INT32", date)
    case "timestamp":
      return leaf("INT96")
    case "array": {
      const element = node("array_element", type.element, "optional")
      const bag: Group = { kind: "group", name: "bag", repetition: "repeated", children: [element] }
      return { ...group, annotation: listOfElements, children: [bag] }
    }
    case "map": {
      const children = [node("key", type.key, "required"), node("value", type.value, "optional")]
      const entries: Group = { kind: "group", name: "map", repetition: "repeated", annotation: mapEntry, children }
      return { ...group, annotation: mapOfEntries, children: [entries] }
    }
    case "struct":
      return { ...group, children: type.fields.map(optional) }
  }
}

/** The fewest that hold every number of so many decimal digits, with its sign. */
function decimalBytes(precision: number): number {
  const bits = (10n ** BigInt(precision) - 1n).toString(2).length + 1
  return Math.ceil(bits / 8)
}
