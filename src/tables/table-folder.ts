import path from "node:path"
import { parseDocument } from "yaml"
import { type Disk, errorCode, readFileIfThere } from "../platform/index.ts"
import { map, optional, readShape, string, structure, type TypeOf } from "../shapes/index.ts"
import { glueTable, writtenColumn } from "./glue-table.ts"
import { TableError } from "./table-error.ts"
import { tableOf } from "./table-of.ts"
import type { TableSource } from "./table-source.ts"
import { latestVersion, type Table, type TableReference } from "./tables.ts"

const tableFile = structure("A table: its columns, or what `aws glue get-table` prints.", {
  columns: optional(map("By name.", string("The name."), string("The type, as Hive and Glue write it."))),
  Table: optional(glueTable),
  ...glueTable.members,
})

const extensions = [".json", ".yaml"]

/** The names of files that a table may have in a folder of tables. Of no use for names that are no names of files. */
export function tableFiles({ databaseName, tableName }: TableReference): readonly string[] {
  return extensions.map((extension) => path.join(databaseName, `${tableName}${extension}`))
}

/** Tables in files DATABASE/TABLE.json and DATABASE/TABLE.yaml, which are read anew each time: changes need no restart. */
export function tableFolder(folder: string, disk: Disk): TableSource {
  return {
    async find(reference, signal) {
      signal?.throwIfAborted()
      if (!isFileName(reference.databaseName) || !isFileName(reference.tableName)) return undefined
      for (const name of tableFiles(reference)) {
        const file = path.join(folder, name)
        const content = await read(disk, file)
        if (content !== undefined) return tableIn(content.toString(), file, reference)
      }
      return undefined
    },
  }
}

/** Names come from those who configure streams: none may lead out of the folder. */
function isFileName(name: string): boolean {
  return /^[^/\\\0]+$/.test(name) && name !== "." && name !== ".."
}

async function read(disk: Disk, file: string): Promise<Buffer | undefined> {
  try {
    return await readFileIfThere(disk, file)
  } catch (cause) {
    const reason = errorCode(cause) ?? String(cause)
    throw new TableError("DataFirehose.InternalError", `Cannot read the table "${file}": ${reason}`, { cause })
  }
}

function tableIn(text: string, file: string, { versionId: wanted }: TableReference): Table {
  const { Table: wrapped, columns, ...bare } = parse(text, file)
  const { StorageDescriptor: descriptor, VersionId: versionId } = wrapped ?? bare
  if (wanted !== latestVersion && versionId !== undefined && wanted !== versionId) {
    throw new TableError(
      "DataFormatConversion.InvalidVersionId",
      `The table "${file}" is version ${versionId}, and not ${wanted}: use LATEST, or put the other version there`,
    )
  }
  const written = columns === undefined ? descriptor?.Columns?.map(writtenColumn) : Object.entries(columns)
  if (written === undefined) {
    throw new TableError(
      "DataFormatConversion.NonExistentColumns",
      `Cannot use the table "${file}": expected {"columns": {NAME: TYPE}}, or what aws glue get-table prints`,
    )
  }
  return tableOf(written, `table "${file}"`, versionId)
}

function parse(text: string, file: string): TypeOf<typeof tableFile> {
  const cannot = (reason: string) =>
    new TableError("DataFormatConversion.InvalidSchema", `Cannot read the table "${file}": ${reason}`)
  let value: unknown
  try {
    value = file.endsWith(".json") ? JSON.parse(text) : parseYaml(text)
  } catch (error) {
    throw cannot(error instanceof Error ? error.message : String(error))
  }
  const outcome = readShape(tableFile, value)
  if (outcome.kind === "read") return outcome.value
  throw cannot(outcome.problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; "))
}

/** What the parser only warns of, such as a tag that it does not know, would be lost. */
function parseYaml(text: string): unknown {
  const document = parseDocument(text)
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) throw problem
  return document.toJS()
}
