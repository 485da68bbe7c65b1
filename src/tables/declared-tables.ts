import { map, readShape, string, structure, unknownMembers } from "../shapes/index.ts"
import { TableError } from "./table-error.ts"
import { tableOf } from "./table-of.ts"
import type { TableSource } from "./table-source.ts"
import type { Table } from "./tables.ts"

const declaration = structure("A table.", {
  database: string("The database that it is in.", { lengthMin: 1 }),
  name: string("Its name.", { lengthMin: 1 }),
  columns: map("Its columns, in order.", string("The name."), string("The type, as Hive and Glue write it.")),
})

/**
 * The tables that hydrant.yaml declares under `tables:`. They are in every catalog, and have one version.
 * @throws Error that tells all that is wrong
 */
export function declaredTables(declarations: readonly unknown[]): TableSource {
  const tables = new Map<string, Table>()
  const problems: string[] = []
  for (const [index, given] of declarations.entries()) {
    try {
      const { key, table } = readDeclaration(given)
      if (tables.has(key)) problems.push(`entry ${index + 1} is a table that is declared already`)
      else tables.set(key, table)
    } catch (error) {
      if (!(error instanceof TableError)) throw error
      problems.push(`entry ${index + 1} is wrong: ${error.message}`)
    }
  }
  if (problems.length > 0) throw new Error(`the declared tables can't be used: ${problems.join("; ")}`)
  return { find: async ({ databaseName, tableName }) => tables.get(keyOf(databaseName, tableName)) }
}

/** @throws TableError */
function readDeclaration(given: unknown): { readonly key: string; readonly table: Table } {
  const outcome = readShape(declaration, given)
  const unknown = unknownMembers(declaration, given)
  const problems = [
    ...(outcome.kind === "refused" ? outcome.problems.map(({ path, message }) => `${path || "it"}: ${message}`) : []),
    ...unknown.map((name) => `there is no ${name}`),
  ]
  if (outcome.kind === "refused" || problems.length > 0) {
    throw new TableError("DataFormatConversion.InvalidSchema", problems.join(", "))
  }
  const { database, name, columns } = outcome.value
  const where = `declared table "${name}" of database "${database}"`
  return { key: keyOf(database, name), table: tableOf(Object.entries(columns), where) }
}

function keyOf(database: string, name: string): string {
  return JSON.stringify([database, name])
}
