import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { detectCompression } from "../../formats/index.ts"
import type { CliWorld } from "../world.ts"

/** An object of a bucket that is a folder of this machine. */
export interface LocalObject {
  readonly file: string
  /** As stored, compressed. */
  readonly storedBytes: number
}

/** The file of the object at `location` (s3://BUCKET/KEY), or undefined when its bucket is not in `dataFolder`. */
export async function findLocally(
  { workingFolder }: Pick<CliWorld, "workingFolder">,
  location: string,
  dataFolder: string,
): Promise<LocalObject | undefined> {
  if (!location.startsWith("s3://")) return undefined
  const file = path.join(path.resolve(workingFolder, dataFolder), "buckets", location.slice("s3://".length))
  try {
    return { file, storedBytes: (await stat(file)).size }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

/** The first lines of a file of text, however it is compressed. */
export async function firstLines(file: string, count: number): Promise<string[]> {
  const bytes = await readFile(file)
  const { decompress } = detectCompression(bytes, { name: file, contentEncoding: undefined })
  return (await text(decompress(Readable.from([bytes])))).split("\n", count)
}

/** Relative below the working folder, which is shorter and can be copied all the same. */
export function shownPath({ workingFolder }: Pick<CliWorld, "workingFolder">, file: string): string {
  const relative = path.relative(workingFolder, file)
  return relative.startsWith("..") ? file : relative
}
