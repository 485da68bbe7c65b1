import type { Column, HiveType, PlainKind } from "./hive-type.ts"

/** The text of a type can't be read. The message says what is wrong, and where. */
export class HiveTypeError extends Error {}

/**
 * Reads the text of a type, as a table's column has it: `array<struct<id:bigint,price:decimal(10,2)>>`. Case and white space
 * mean nothing. Names of fields become lower-case, as Hive has them. What types there are: spec/format-conversion.md, section 4.
 * @throws HiveTypeError
 */
export function parseHiveType(text: string): HiveType {
  return new TypeText(text).readWhole()
}

/** The text of a type in its shortest form: `parseHiveType` makes the same type of it. */
export function hiveTypeText(type: HiveType): string {
  switch (type.kind) {
    case "decimal":
      return `decimal(${type.precision},${type.scale})`
    case "char":
    case "varchar":
      return `${type.kind}(${type.length})`
    case "array":
      return `array<${hiveTypeText(type.element)}>`
    case "map":
      return `map<${hiveTypeText(type.key)},${hiveTypeText(type.value)}>`
    case "struct":
      return `struct<${type.fields.map((field) => `${field.name}:${hiveTypeText(field.type)}`).join(",")}>`
    default:
      return type.kind
  }
}

/** By the names that each goes by. */
const plainKinds = new Map<string, PlainKind>([
  ["boolean", "boolean"],
  ["tinyint", "tinyint"],
  ["smallint", "smallint"],
  ["int", "int"],
  ["integer", "int"],
  ["bigint", "bigint"],
  ["float", "float"],
  ["real", "float"],
  ["double", "double"],
  ["string", "string"],
  ["binary", "binary"],
  ["date", "date"],
  ["timestamp", "timestamp"],
])

/** Types that Hive or Glue have, with what to use instead. */
const refused = new Map([
  ["set", "set<> is not supported: use array<>"],
  ["uniontype", "uniontype<> is not supported: use string, or a struct<> with a field for each type"],
])

const lengthsMax = { char: 255, varchar: 65_535 } as const
const precisionMax = 38
const decimalDefault = { precision: 10, scale: 0 }
/** Far more than tables have: each level is a call within a call. */
const nestingMax = 100

/** A text of which what stands before `#position` was read. */
class TypeText {
  readonly #text: string
  #position = 0
  #nesting = 0

  constructor(text: string) {
    this.#text = text
  }

  readWhole(): HiveType {
    const type = this.#readType()
    if (this.#nextIs(/\S/y)) throw this.#failure("the end of the type was expected")
    return type
  }

  #readType(): HiveType {
    const at = this.#skipSpace()
    const name = this.#take(/[A-Za-z_]\w*/y)?.toLowerCase()
    if (name === undefined) throw this.#failure("a type was expected")
    const plain = plainKinds.get(name)
    if (plain !== undefined) return { kind: plain }
    switch (name) {
      case "decimal":
        return { kind: "decimal", ...this.#readPrecision() }
      case "char":
      case "varchar":
        return { kind: name, length: this.#readLength(name) }
      case "array":
        return this.#readNested(() => ({ kind: "array", element: this.#readType() }))
      case "map":
        return this.#readNested(() => this.#readMap())
      case "struct":
        return this.#readNested(() => ({ kind: "struct", fields: this.#readFields() }))
      default:
        throw this.#failure(refused.get(name) ?? `there is no type "${name}"`, at)
    }
  }

  #readPrecision(): { readonly precision: number; readonly scale: number } {
    if (!this.#nextIs(/\(/y)) return decimalDefault
    this.#require("(")
    const precision = this.#readNumber(1, precisionMax, "the precision of a decimal")
    const scale = this.#nextIs(/,/y) ? this.#readScale(precision) : 0
    this.#require(")")
    return { precision, scale }
  }

  #readScale(precision: number): number {
    this.#require(",")
    return this.#readNumber(0, precision, `the scale of a decimal with ${precision} digits`)
  }

  #readLength(kind: "char" | "varchar"): number {
    this.#require("(")
    const length = this.#readNumber(1, lengthsMax[kind], `the length of a ${kind}`)
    this.#require(")")
    return length
  }

  #readNumber(min: number, max: number, what: string): number {
    const at = this.#skipSpace()
    const value = Number(this.#take(/\d+/y) ?? Number.NaN)
    if (value >= min && value <= max) return value
    throw this.#failure(`${what} must be a number from ${min} to ${max}`, at)
  }

  #readNested(read: () => HiveType): HiveType {
    this.#require("<")
    if (++this.#nesting > nestingMax) throw this.#failure(`types may be nested ${nestingMax} levels deep`)
    const type = read()
    this.#nesting--
    this.#require(">")
    return type
  }

  #readMap(): HiveType {
    const at = this.#skipSpace()
    const key = this.#readType()
    // Keys of JSON are texts: they can be read as numbers or dates, but not as these.
    if (key.kind === "array" || key.kind === "map" || key.kind === "struct") {
      throw this.#failure(`the key of a map can't be of type ${key.kind}`, at)
    }
    this.#require(",")
    return { kind: "map", key, value: this.#readType() }
  }

  #readFields(): readonly Column[] {
    const fields: Column[] = []
    do {
      const at = this.#skipSpace()
      // What Hive's own reader takes as a name.
      const name = this.#take(/[\p{L}\p{N}_.$]+/uy)?.toLowerCase()
      if (name === undefined) throw this.#failure("the name of a field was expected")
      if (fields.some((field) => field.name === name)) throw this.#failure(`there are two fields "${name}"`, at)
      this.#require(":")
      fields.push({ name, type: this.#readType() })
    } while (this.#take(/,/y) !== undefined)
    return fields
  }

  #require(token: string) {
    this.#skipSpace()
    if (!this.#text.startsWith(token, this.#position)) throw this.#failure(`"${token}" was expected`)
    this.#position += token.length
  }

  /** Takes what matches at once, behind white space. */
  #take(pattern: RegExp): string | undefined {
    if (!this.#nextIs(pattern)) return undefined
    const from = this.#position
    this.#position = pattern.lastIndex
    return this.#text.slice(from, this.#position)
  }

  /** `pattern`: a sticky one. */
  #nextIs(pattern: RegExp): boolean {
    pattern.lastIndex = this.#skipSpace()
    return pattern.test(this.#text)
  }

  #skipSpace(): number {
    while (/\s/.test(this.#text.charAt(this.#position))) this.#position++
    return this.#position
  }

  /** `position`: of what is wrong; else it is what comes next. */
  #failure(what: string, position = this.#skipSpace()): HiveTypeError {
    const where = position < this.#text.length ? `at character ${position + 1}` : "at its end"
    return new HiveTypeError(`Cannot read the type "${shortened(this.#text, position)}" ${where}: ${what}`)
  }
}

/** Types of nested tables have thousands of characters: what stands around the mistake is enough. */
function shortened(text: string, position: number): string {
  const around = 60
  const from = Math.max(0, position - around)
  const to = position + around
  return `${from > 0 ? "..." : ""}${text.slice(from, to)}${to < text.length ? "..." : ""}`
}
