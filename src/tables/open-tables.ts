import type { Clock, Disk } from "../platform/index.ts"
import { declaredTables } from "./declared-tables.ts"
import { openGlueTables } from "./glue/index.ts"
import { TableError } from "./table-error.ts"
import { tableFiles, tableFolder } from "./table-folder.ts"
import type { TableReference, Tables } from "./tables.ts"

/** Where the settings say that tables are. */
export interface TablesSettings {
  /** What hydrant.yaml declares: nobody has looked at it yet. */
  readonly tables: readonly unknown[]
  readonly tablesFolder: string | undefined
  readonly glueEndpoint: string | undefined
  readonly region: string
}

export interface TablesWorld {
  readonly clock: Pick<Clock, "elapsed">
  readonly disk: Disk
}

/** Tables that are open, until they are closed. */
export interface OpenTables extends Tables {
  /** Ends what is under way. May be called twice. */
  close(): Promise<void>
}

/** In place of tables where nobody has any. */
export const noTables: Tables = { read: (reference) => Promise.reject(notFound(reference, undefined)) }

/**
 * Tables as the settings have them: one that is declared first, then the folder, then Glue.
 * @throws Error that tells all that is wrong with the declared ones
 */
export function openTables(settings: TablesSettings, { clock, disk }: TablesWorld): OpenTables {
  const { tablesFolder, glueEndpoint, region } = settings
  const declared = declaredTables(settings.tables)
  const folder = tablesFolder === undefined ? undefined : tableFolder(tablesFolder, disk)
  const glue = glueEndpoint === undefined ? undefined : openGlueTables({ endpoint: glueEndpoint, region, clock })
  return {
    async read(reference, signal) {
      for (const source of [declared, folder, glue]) {
        const table = await source?.find(reference, signal)
        if (table !== undefined) return table
      }
      throw notFound(reference, tablesFolder)
    },
    close: async () => glue?.close(),
  }
}

function notFound(reference: TableReference, folder: string | undefined): TableError {
  const { databaseName, tableName } = reference
  const files = tableFiles(reference).join(" or ")
  const byFile =
    folder === undefined ? `put ${files} into a folder that tables-folder names` : `put ${files} into "${folder}"`
  return new TableError(
    "DataFormatConversion.EntityNotFound",
    `There is no table "${tableName}" of database "${databaseName}": declare it under tables in hydrant.yaml, ${byFile}, or set glue-endpoint (AWS_ENDPOINT_URL_GLUE)`,
  )
}
