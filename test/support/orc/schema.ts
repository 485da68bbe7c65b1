/** The types of a file as types of Hive. */
import type { HiveType, RowType } from "../../../src/formats/columns/index.ts"
import type { Column } from "./column.ts"
import type { Message } from "./message.ts"
import type * as messages from "./orc-messages.ts"

type TypeMessage = Message<typeof messages.type>

/** By their numbers; what has no counterpart among the types of Hive here is none. */
const kinds = [
  "boolean",
  "tinyint",
  "smallint",
  "int",
  "bigint",
  "float",
  "double",
  "string",
  "binary",
  "timestamp",
  "array",
  "map",
  "struct",
  undefined,
  "decimal",
  "date",
  "varchar",
  "char",
] as const

export interface Schema {
  readonly schema: RowType
  readonly root: Column
}

/** Of the footer's list, in which parents stand before their children, in order. */
export function schemaOf(types: readonly TypeMessage[]): Schema {
  let nextId = 0
  const read = (): Column => {
    const id = nextId++
    const message = types[id]
    if (message === undefined) throw new Error(`The footer has no type ${id}`)
    const children = message.numbers("subtypes").map((subtype) => {
      if (subtype !== nextId) throw new Error(`Type ${id} has type ${subtype} below it, but ${nextId} comes next`)
      return read()
    })
    return { id, type: typeOf(id, message, children), children }
  }
  const root = read()
  if (nextId !== types.length) throw new Error(`The footer has ${types.length} types, but ${nextId} are used`)
  if (root.type.kind !== "struct") throw new Error(`The rows are no structs, but of type ${root.type.kind}`)
  return { schema: root.type, root }
}

function typeOf(id: number, message: TypeMessage, children: readonly Column[]): HiveType {
  const kind = kinds[message.number("kind", 0)]
  if (kind === undefined) throw new Error(`Type ${id} is of kind ${message.number("kind", 0)}, which is not supported`)
  const [first, second] = children
  const names = message.texts("fieldNames")
  const childCount = kind === "struct" ? names.length : kind === "map" ? 2 : kind === "array" ? 1 : 0
  if (children.length !== childCount) throw new Error(`Type ${id}, a ${kind}, has ${children.length} types below it`)
  switch (kind) {
    case "decimal":
      return { kind, precision: message.number("precision"), scale: message.number("scale", 0) }
    case "char":
    case "varchar":
      return { kind, length: message.number("maximumLength") }
    case "array":
      if (first === undefined) throw new Error(`Type ${id} has no elements`)
      return { kind, element: first.type }
    case "map":
      if (first === undefined || second === undefined) throw new Error(`Type ${id} has no keys and values`)
      return { kind, key: first.type, value: second.type }
    case "struct":
      return { kind, fields: children.map(({ type }, index) => ({ name: names[index] ?? "", type })) }
    default:
      return { kind }
  }
}
