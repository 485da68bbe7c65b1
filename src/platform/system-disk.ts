import { constants } from "node:fs"
import fs from "node:fs/promises"
import path from "node:path"
import type { Disk, DiskFile } from "./disk.ts"
import { errorCode, unlessMissing } from "./replace-file.ts"

const flags = {
  read: constants.O_RDONLY,
  update: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
} as const

/** The machine's disk. */
export const systemDisk: Disk = {
  async open(file, mode) {
    return new SystemFile(file, await fs.open(file, flags[mode], 0o640))
  },
  async list(folder) {
    return (await fs.readdir(folder)).sort()
  },
  makeFolder: (folder) => makeFolder(path.resolve(folder)),
  rename: (from, to) => fs.rename(from, to),
  remove: (file) => fs.unlink(file),
  removeFolder: (folder) => fs.rm(folder, { recursive: true, force: true }),
  async syncFolder(folder) {
    const handle = await fs.open(folder, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async freeBytes(file) {
    const stats = await fs.statfs(file)
    return stats.bavail * stats.bsize
  },
}

/**
 * One level at a time, and not by Node's `recursive`: that one never ends where a folder can't be made and its parent is
 * there, as in /proc and in some network file systems.
 */
async function makeFolder(folder: string): Promise<void> {
  const parent = path.dirname(folder)
  if (await isFolder(folder)) return syncName(parent)
  if (parent !== folder) await makeFolder(parent)
  try {
    await fs.mkdir(folder, { mode: 0o750 })
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (errorCode(error) !== "EEXIST" || !(await isFolder(folder))) throw error
  }
  await systemDisk.syncFolder(parent)
}

/**
 * A folder that is there may be one that a killed process made and did not sync. One whose parent can't be opened was made
 * by somebody else.
 */
async function syncName(parent: string): Promise<void> {
  try {
    await systemDisk.syncFolder(parent)
  } catch (error) {
    if (errorCode(error) !== "EACCES" && errorCode(error) !== "EPERM") throw error
  }
}

async function isFolder(folder: string): Promise<boolean> {
  const stats = await fs.stat(folder).catch(unlessMissing)
  return stats?.isDirectory() === true
}

class SystemFile implements DiskFile {
  readonly path: string
  readonly #handle: fs.FileHandle
  #closed: Promise<void> | undefined

  constructor(file: string, handle: fs.FileHandle) {
    this.path = file
    this.#handle = handle
  }

  async size() {
    return (await this.#handle.stat()).size
  }

  async read(target: Uint8Array, offset: number) {
    let filledBytes = 0
    while (filledBytes < target.byteLength) {
      const { bytesRead } = await this.#handle.read(
        target,
        filledBytes,
        target.byteLength - filledBytes,
        offset + filledBytes,
      )
      if (bytesRead === 0) break
      filledBytes += bytesRead
    }
    return filledBytes
  }

  async write(chunks: readonly Uint8Array[], offset: number) {
    let rest = chunks.filter((chunk) => chunk.byteLength > 0)
    let position = offset
    while (rest.length > 0) {
      // IOV_MAX is 1,024 on Linux: a longer list is refused with EINVAL.
      const { bytesWritten } = await this.#handle.writev(rest.slice(0, 1024), position)
      position += bytesWritten
      rest = afterBytes(rest, bytesWritten)
    }
  }

  sync() {
    return this.#handle.datasync()
  }

  truncate(sizeBytes: number) {
    return this.#handle.truncate(sizeBytes)
  }

  close() {
    this.#closed ??= this.#handle.close()
    return this.#closed
  }
}

/** What is left of `chunks` once their first `count` bytes are gone: a short write is continued with it. */
function afterBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count
  for (const [index, chunk] of chunks.entries()) {
    if (left < chunk.byteLength) return [chunk.subarray(left), ...chunks.slice(index + 1)]
    left -= chunk.byteLength
  }
  return []
}
