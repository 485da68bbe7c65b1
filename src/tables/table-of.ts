import { type Column, HiveTypeError, parseHiveType } from "../formats/index.ts"
import { TableError } from "./table-error.ts"
import type { Table } from "./tables.ts"

/** A column as it is written somewhere: its name, and the text of its type. */
export type WrittenColumn = readonly [name: string, type: string]

/**
 * The table that has these columns. `where`: how messages call it, such as `table "orders" of database "logs" in Glue`.
 * @throws TableError
 */
export function tableOf(columns: readonly WrittenColumn[], where: string, versionId?: string): Table {
  if (columns.length === 0) {
    throw new TableError("DataFormatConversion.NonExistentColumns", `The ${where} has no columns: give it some`)
  }
  const fields: Column[] = []
  for (const column of columns) {
    const field = fieldOf(column, where)
    if (fields.some(({ name }) => name === field.name)) {
      throw new TableError(
        "DataFormatConversion.InvalidSchema",
        `The ${where} has two columns "${field.name}": upper and lower case are the same in names of columns`,
      )
    }
    fields.push(field)
  }
  return { rowType: { kind: "struct", fields }, ...(versionId !== undefined && { versionId }) }
}

function fieldOf([name, type]: WrittenColumn, where: string): Column {
  if (name === "" || type === "") {
    const what = name === "" ? "a column without a name" : `no type for column "${name}"`
    throw new TableError("DataFormatConversion.ValidationException", `The ${where} has ${what}: give it one`)
  }
  if (!/^[\p{L}\p{N}_]+$/u.test(name)) {
    throw new TableError(
      "DataFormatConversion.InvalidSchema",
      `The ${where} has a column ${JSON.stringify(name)}: names of columns may hold letters, digits and underscores only`,
    )
  }
  try {
    return { name: name.toLowerCase(), type: parseHiveType(type) }
  } catch (cause) {
    if (!(cause instanceof HiveTypeError)) throw cause
    throw new TableError(
      "DataFormatConversion.InvalidTypeFormat",
      `The ${where} has a column "${name}" whose type is none. ${cause.message}`,
      { cause },
    )
  }
}
