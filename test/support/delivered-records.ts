import { contentsOf, type StoredObject } from "./bucket-folder.ts"
import type { DeliveredContent } from "./ledger.ts"
import { rowsInMemory } from "./parquet.ts"

/** What objects hold: the records, also of error objects, and of rows that hold a record each. */
export function recordsOf(objects: readonly StoredObject[]): Promise<DeliveredContent[]> {
  return Promise.all(
    contentsOf(objects).map(async ({ name, content }) => {
      if (name.startsWith("errors/")) return { name, content: recordsOfErrors(content) }
      return { name, content: name.endsWith(".parquet") ? await recordsOfRows(content) : content }
    }),
  )
}

function recordsOfErrors(content: Buffer): Buffer {
  const lines = content.toString().trimEnd().split("\n")
  return Buffer.concat(lines.map((line) => Buffer.from(JSON.parse(line).rawData, "base64")))
}

async function recordsOfRows(content: Buffer): Promise<Buffer> {
  const records = (await rowsInMemory(content)).map(({ record }) => record)
  return Buffer.concat(records.filter((record) => record instanceof Uint8Array))
}
