import path from "node:path"
import type { Disk } from "./disk.ts"

/**
 * Puts `content` under the name `file` so that, whenever the machine stops, either the old content or the new is there
 * whole: written beside it, synced, renamed over it, and the folder synced. Resolves when the new content is durable.
 * `mode` says who may read it.
 */
export async function replaceFile(
  disk: Disk,
  file: string,
  content: Uint8Array,
  mode: "create" | "create-secret" = "create",
): Promise<void> {
  const temporary = `${file}.new`
  await removeIfThere(disk, temporary)
  const handle = await disk.open(temporary, mode)
  try {
    await handle.write([content], 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await disk.rename(temporary, file)
  await disk.syncFolder(path.dirname(file))
}

/** The whole content of a file, or undefined when there is no such file. */
export async function readFileIfThere(disk: Disk, file: string): Promise<Buffer | undefined> {
  const handle = await disk.open(file, "read").catch(unlessMissing)
  if (handle === undefined) return undefined
  try {
    const content = Buffer.alloc(await handle.size())
    const readBytes = await handle.read(content, 0)
    return content.subarray(0, readBytes)
  } finally {
    await handle.close()
  }
}

/** Removes a file; nothing happens when there is none. */
export async function removeIfThere(disk: Disk, file: string): Promise<void> {
  await disk.remove(file).catch(unlessMissing)
}

/** Turns the failure "there is no such file" into undefined; every other one is thrown on. */
export function unlessMissing(error: unknown): undefined {
  if (errorCode(error) === "ENOENT") return undefined
  throw error
}

/** The system's code of a failure, such as ENOSPC; undefined for an error without one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined
}
