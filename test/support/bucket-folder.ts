import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { gunzipSync } from "node:zlib"
import type { DeliveredContent } from "./ledger.ts"

/** An object as its bucket holds it. */
export interface StoredObject {
  readonly key: string
  readonly bytes: Buffer
}

/** The objects of a bucket that is a folder, sorted by key; none when there is no such bucket. */
export async function objectsIn(dataFolder: string, bucket: string): Promise<StoredObject[]> {
  const folder = path.join(dataFolder, "buckets", bucket)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return []
    throw error
  })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Promise.all(
    files.sort().map(async (file) => ({ key: path.relative(folder, file), bytes: await readFile(file) })),
  )
}

/** What objects held before they were compressed, GZIP or not at all, as their keys end. */
export function contentsOf(objects: readonly StoredObject[]): DeliveredContent[] {
  return objects.map(({ key, bytes }) => ({ name: key, content: key.endsWith(".gz") ? gunzipSync(bytes) : bytes }))
}
