import { close, constants, fdatasync, fstat, ftruncate, open, read, type Stats, writev } from "node:fs"
import fs from "node:fs/promises"
import path from "node:path"
import type { Disk, DiskFile, DiskFileMode } from "./disk.ts"
import { errorCode, unlessMissing } from "./replace-file.ts"

const create = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
/** Elsewhere its promise is weaker than that of Node's fdatasync (on macOS it leaves the disk's own cache), or it is not there. */
const hasDurableWrites = process.platform === "linux"

const flags: Readonly<Record<DiskFileMode, number>> = {
  read: constants.O_RDONLY,
  update: constants.O_RDWR,
  create,
  "create-durable": hasDurableWrites ? create | constants.O_DSYNC : create,
  "create-secret": create,
}

/** The machine's disk. */
export const systemDisk: Disk = {
  async open(file, mode) {
    const descriptor = await new Promise<number>((resolve, reject) =>
      open(file, flags[mode], mode === "create-secret" ? 0o600 : 0o640, settle(resolve, reject)),
    )
    return new SystemFile(file, descriptor, { syncsWrites: mode === "create-durable" && !hasDurableWrites })
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

type Done<Result> = (error: Error | null, result: Result) => void

/**
 * A file by its descriptor and Node's callbacks: a group of records costs a third less of the processor than by way of
 * Node's FileHandle (docs/performance.md). The system gives the descriptor of a closed file to the next one that is
 * opened; so nothing uses it after `close`, and `close` waits for what does.
 */
class SystemFile implements DiskFile {
  readonly path: string
  readonly #descriptor: number
  /** Whether what is written has to be followed by a sync of ours. */
  readonly #syncsWrites: boolean
  readonly #underWay = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined

  constructor(file: string, descriptor: number, { syncsWrites }: { readonly syncsWrites: boolean }) {
    this.path = file
    this.#descriptor = descriptor
    this.#syncsWrites = syncsWrites
  }

  async size() {
    return (await this.#call<Stats>((descriptor, done) => fstat(descriptor, done))).size
  }

  async read(target: Uint8Array, offset: number) {
    let filledBytes = 0
    while (filledBytes < target.byteLength) {
      const restBytes = target.byteLength - filledBytes
      const readBytes = await this.#call<number>((descriptor, done) =>
        read(descriptor, target, filledBytes, restBytes, offset + filledBytes, done),
      )
      if (readBytes === 0) break
      filledBytes += readBytes
    }
    return filledBytes
  }

  async write(chunks: readonly Uint8Array[], offset: number) {
    let rest = chunks.filter((chunk) => chunk.byteLength > 0)
    let position = offset
    while (rest.length > 0) {
      // IOV_MAX is 1,024 on Linux: a longer list is refused with EINVAL.
      const part = rest.slice(0, 1024)
      const bytesWritten = await this.#call<number>((descriptor, done) => writev(descriptor, part, position, done))
      position += bytesWritten
      rest = afterBytes(rest, bytesWritten)
    }
    if (this.#syncsWrites) await this.sync()
  }

  sync() {
    return this.#call<void>((descriptor, done) => fdatasync(descriptor, withoutResult(done)))
  }

  truncate(sizeBytes: number) {
    return this.#call<void>((descriptor, done) => ftruncate(descriptor, sizeBytes, withoutResult(done)))
  }

  close() {
    this.#closed ??= Promise.allSettled(this.#underWay).then(
      () => new Promise<void>((resolve, reject) => close(this.#descriptor, settle(resolve, reject))),
    )
    return this.#closed
  }

  #call<Result>(operate: (descriptor: number, done: Done<Result>) => void): Promise<Result> {
    if (this.#closed !== undefined) return Promise.reject(new ClosedFileError(this.path))
    const result = new Promise<Result>((resolve, reject) => operate(this.#descriptor, settle(resolve, reject)))
    this.#underWay.add(result)
    const over = () => this.#underWay.delete(result)
    result.then(over, over)
    return result
  }
}

function settle<Result>(resolve: (result: Result) => void, reject: (error: Error) => void): Done<Result> {
  return (error, result) => (error ? reject(error) : resolve(result))
}

/** Of a call of Node that answers nothing but a failure. */
function withoutResult(done: Done<void>): (error: Error | null) => void {
  return (error) => done(error, undefined)
}

class ClosedFileError extends Error {
  readonly code = "EBADF"

  constructor(file: string) {
    super(`EBADF: file "${file}" is closed`)
    this.name = "ClosedFileError"
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
