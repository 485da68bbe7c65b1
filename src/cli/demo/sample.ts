import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import { gunzip } from "node:zlib"

/** An object of a bucket that is a folder of this machine. */
export interface LocalObject {
  readonly file: string
  /** As stored, compressed. */
  readonly storedBytes: number
}

/** The file of the object at `location` (s3://BUCKET/KEY), or undefined when its bucket is not in `dataFolder`. */
export async function findLocally(location: string, dataFolder: string): Promise<LocalObject | undefined> {
  if (!location.startsWith("s3://")) return undefined
  const file = path.join(dataFolder, "buckets", location.slice("s3://".length))
  try {
    return { file, storedBytes: (await stat(file)).size }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

/** The first lines of a file of gzipped text. */
export async function firstLines(file: string, count: number): Promise<string[]> {
  const text = (await promisify(gunzip)(await readFile(file))).toString("utf8")
  return text.split("\n", count)
}
