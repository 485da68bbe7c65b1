import { type Table, TableError } from "../tables/index.ts"
import type { ConversionWorld } from "./conversion.ts"
import { type RowSchema, type RowSchemaId, rowSchemaId } from "./row-schema.ts"

/** A world for tests: of tables by DATABASE.TABLE, where a test may change them, and schemas that are kept in memory. */
export function conversionWorldWith(tables: Map<string, Table> = new Map()): ConversionWorld {
  const schemas = new Map<RowSchemaId, RowSchema>()
  return {
    tables: {
      async read({ databaseName, tableName }) {
        const table = tables.get(`${databaseName}.${tableName}`)
        if (table !== undefined) return table
        throw new TableError("DataFormatConversion.EntityNotFound", `There is no table ${databaseName}.${tableName}`)
      },
    },
    rowSchemas: {
      async keep(schema) {
        const id = rowSchemaId(schema)
        schemas.set(id, schema)
        return id
      },
      async find(id) {
        const schema = schemas.get(id)
        if (schema === undefined) throw new Error(`There is no schema ${id}`)
        return schema
      },
    },
  }
}
