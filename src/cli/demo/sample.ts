import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { gunzip } from "node:zlib"

/** The first lines of a gzip object in a folder of this machine; undefined when `location` is not such a file. */
export async function firstLines(location: string, count: number): Promise<string[] | undefined> {
  const content = await readFile(location).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  })
  if (content === undefined) return undefined
  const text = (await promisify(gunzip)(content)).toString("utf8")
  return text.split("\n", count)
}
