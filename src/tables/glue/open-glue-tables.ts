import { TableError } from "../table-error.ts"
import type { TableSource } from "../table-source.ts"
import type { GlueSettings, GlueTables } from "./glue-tables.ts"

/**
 * Glue, whose client is loaded while others start: that takes time, which a start without it need not. Not when a table is first asked
 * for: Node remembers for good that a module could not be read, and then a disk may be failing, or have no descriptor left.
 */
export function openGlueTables(settings: GlueSettings): TableSource & { close(): Promise<void> } {
  const loading: Promise<GlueTables | TableError> = import("./glue-tables.ts").then(
    ({ GlueTables }) => new GlueTables(settings),
    (cause: unknown) =>
      new TableError("DataFirehose.InternalError", `Cannot load the client of Glue: ${cause}`, { cause }),
  )
  return {
    async find(reference, signal) {
      const glue = await loading
      if (glue instanceof TableError) throw glue
      return glue.find(reference, signal)
    },
    async close() {
      const glue = await loading
      if (!(glue instanceof TableError)) glue.close()
    },
  }
}
