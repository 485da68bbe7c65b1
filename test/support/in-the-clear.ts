import { readdir, readFile } from "node:fs/promises"
import path from "node:path"

/** A record of the ledger, as it is where nothing seals it. */
export const ledgerRecord = /[\w.-]+ \d+ \d+ \d+\n/

/** The files below a folder that hold what `text` matches, but for those below `except`. */
export async function filesThatHold(folder: string, text: RegExp, except?: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  const looked = files.filter((file) => except === undefined || !file.startsWith(`${except}${path.sep}`))
  const contents = await Promise.all(looked.map(async (file) => ({ file, content: await readFile(file, "latin1") })))
  return contents.filter(({ content }) => text.test(content)).map(({ file }) => file)
}
