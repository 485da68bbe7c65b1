import { createHash } from "node:crypto"
import type { Deserializer } from "../formats/index.ts"
import { type Column, hiveTypeText, parseHiveType, type RowType } from "../formats/index.ts"
import {
  boolean,
  type JsonObject,
  list,
  map,
  optional,
  readShape,
  string,
  structure,
  type TypeOf,
} from "../shapes/index.ts"

/**
 * All that it takes to make rows of JSON records. What was read once under a schema is read the same way ever after, whatever
 * became of the table meanwhile.
 */
export interface RowSchema {
  readonly type: RowType
  readonly deserializer: Deserializer
}

declare const isRowSchemaId: unique symbol
/** Names a schema by its content: the same one has the same id, everywhere. */
export type RowSchemaId = string & { readonly [isRowSchemaId]: true }

export function rowSchemaId(schema: RowSchema): RowSchemaId {
  const digest = createHash("sha256")
    .update(JSON.stringify(storedRowSchema(schema)))
    .digest("hex")
  return asRowSchemaId(digest.slice(0, idLength))
}

/** An id that was written down. @throws Error when it is none */
export function asRowSchemaId(text: string): RowSchemaId {
  if (!isId(text)) throw new Error(`"${text}" names no schema of rows`)
  return text
}

const idLength = 32

function isId(text: string): text is RowSchemaId {
  return text.length === idLength && /^[0-9a-f]+$/.test(text)
}

/** A schema as it is written down: types as their texts. */
export function storedRowSchema({ type, deserializer }: RowSchema): JsonObject {
  const columns = type.fields.map((column) => ({ name: column.name, type: hiveTypeText(column.type) }))
  const { kind, ...options } = deserializer
  return { columns, [kind]: options }
}

/** @throws Error when this version never wrote such a thing down */
export function readRowSchema(stored: unknown): RowSchema {
  const outcome = readShape(rowSchemaShape, stored)
  if (outcome.kind === "refused") {
    throw new Error(`It is no schema of rows: ${outcome.problems.map(({ message }) => message).join("; ")}`)
  }
  const { columns, ...deserializers } = outcome.value
  const fields = columns.map(({ name, type }): Column => ({ name, type: parseHiveType(type) }))
  return { type: { kind: "struct", fields }, deserializer: deserializerOf(deserializers) }
}

function deserializerOf({ openx, hive }: Omit<TypeOf<typeof rowSchemaShape>, "columns">): Deserializer {
  if (openx !== undefined) return { kind: "openx", ...openx }
  if (hive !== undefined) return { kind: "hive", ...hive }
  throw new Error("It is no schema of rows: it has no deserializer")
}

const rowSchemaShape = structure("How JSON records become rows.", {
  columns: list("In order.", structure("A column.", { name: string("Its name."), type: string("Its Hive type.") })),
  openx: optional(
    structure("Read as the OpenX SerDe does.", {
      convertDotsInJsonKeysToUnderscores: boolean("Whether dots of keys are underscores."),
      caseInsensitive: boolean("Whether keys match in any case."),
      columnToJsonKeyMappings: map("JSON keys.", string("A column."), string("Its key.")),
    }),
  ),
  hive: optional(
    structure("Read as the Hive SerDe does.", { timestampFormats: list("Of timestamps.", string("A pattern.")) }),
  ),
})
