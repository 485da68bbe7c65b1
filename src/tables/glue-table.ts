import { list, optional, string, structure } from "../shapes/index.ts"
import type { WrittenColumn } from "./table-of.ts"

/** A table as Glue answers it, and as its command prints it. */
export const glueTable = structure("A table as Glue has it.", {
  VersionId: optional(string("Its version.")),
  StorageDescriptor: optional(
    structure("How it is stored.", {
      Columns: optional(
        list(
          "Its columns.",
          structure("A column.", { Name: string("Its name."), Type: optional(string("Its type.")) }),
        ),
      ),
    }),
  ),
})

/** A column of it. */
export function writtenColumn({ Name, Type = "" }: { readonly Name: string; readonly Type?: string }): WrittenColumn {
  return [Name, Type]
}
