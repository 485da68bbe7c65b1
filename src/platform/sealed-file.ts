import { crc32 } from "node:zlib"
import type { Disk } from "./disk.ts"
import { readFileIfThere, replaceFile } from "./replace-file.ts"

/**
 * A small file of JSON that is replaced as a whole and can tell when it was damaged: its first line is the CRC-32 of the
 * rest. A person can read it; who edits it by hand removes the first line, which then is not checked.
 *
 *     crc32:9ae0b3f2
 *     {"name":"orders",...}
 */
const label = "crc32:"

/** Replaces the file; durable when it resolves. See replaceFile for what a crash leaves. */
export function writeSealedFile(disk: Disk, file: string, content: unknown): Promise<void> {
  const text = `${JSON.stringify(content)}\n`
  return replaceFile(disk, file, Buffer.from(`${label}${checksum(Buffer.from(text))}\n${text}`))
}

/**
 * The JSON value of a sealed file, or undefined when there is no such file.
 * @throws Error when the content is damaged
 */
export async function readSealedFile(disk: Disk, file: string): Promise<unknown> {
  const content = await readFileIfThere(disk, file)
  if (content === undefined) return undefined
  const firstLineEnd = content.indexOf("\n")
  const firstLine = content.subarray(0, firstLineEnd).toString()
  const sealed = firstLine.startsWith(label)
  const body = sealed ? content.subarray(firstLineEnd + 1) : content
  if (sealed && firstLine.slice(label.length) !== checksum(body)) {
    throw new Error(
      `"${file}" is damaged: its checksum says ${firstLine.slice(label.length)}, its content ${checksum(body)}`,
    )
  }
  try {
    return JSON.parse(body.toString())
  } catch (cause) {
    throw new Error(`"${file}" is damaged: its content is not JSON`, { cause })
  }
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0")
}
