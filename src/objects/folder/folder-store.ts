import path from "node:path"
import { type Disk, errorCode, type Random, removeIfThere } from "../../platform/index.ts"
import { chunksOf, failureBeforeStore, later } from "../attempt.ts"
import type { ObjectStore, ObjectToPut, PutOutcome } from "../store.ts"
import { diskFailure } from "./disk-failure.ts"
import { DurableFolders } from "./durable-folders.ts"
import { isBucketName, pathOfKey } from "./place.ts"

export interface FolderStoreParts {
  readonly disk: Disk
  /** Holds a folder for each bucket; made when it is missing. */
  readonly folder: string
  readonly random: Random
}

/** Where objects are written until they are whole. No bucket can have this name: it holds a "~". */
const incomingName = ".incoming~"

/** Less than this is kept until more has come: each write costs as much as copying that. */
const writeBytesMin = 64 * 1024

/**
 * Opens a store that keeps each object as a file: FOLDER/BUCKET/KEY, with what place.ts says of odd keys. A bucket's
 * folder is made when it is missing.
 *
 * An object is written aside, synced, and renamed into place, and so are the folders' names synced: no reader of a
 * bucket's folder sees a part of an object, and what was answered as stored survives a loss of power.
 *
 * A file has no headers: Content-Type, Content-Encoding and the KMS key of an object are not kept.
 *
 * @throws when the folder cannot be made or written to.
 */
export async function createFolderStore({ disk, folder, random }: FolderStoreParts): Promise<ObjectStore> {
  const root = path.resolve(folder)
  const incoming = path.join(root, incomingName)
  const folders = new DurableFolders(disk, root)
  try {
    // Objects that were being written when the process ended. They were never answered as stored.
    await disk.removeFolder(incoming)
    await folders.make(incoming)
  } catch (error) {
    throw new Error(`Cannot open the object folder ${JSON.stringify(root)}: ${diskFailure(error).reason}`, {
      cause: error,
    })
  }

  async function put(object: ObjectToPut, signal: AbortSignal): Promise<PutOutcome> {
    if (!isBucketName(object.bucket)) {
      const reason = `a bucket's name has 1 to 255 letters, digits, "_", "-" and ".", and is not "." or ".."`
      return later(object, { mayBeStored: false, code: "S3.NoSuchBucket", reason })
    }
    const temporary = path.join(incoming, random.uuid())
    const target = path.join(root, object.bucket, ...pathOfKey(object.key))
    let stage: "writing" | "renaming" | "renamed" = "writing"
    try {
      await folders.make(incoming)
      const sizeBytes = await writeSynced(disk, temporary, chunksOf(object, signal))
      signal.throwIfAborted()
      await folders.make(path.dirname(target))
      stage = "renaming"
      await disk.rename(temporary, target)
      stage = "renamed"
      await disk.syncFolder(path.dirname(target))
      return { kind: "stored", sizeBytes }
    } catch (error) {
      if (errorCode(error) === "ENOENT") folders.forget()
      // What cannot be removed now is when the store is opened next; the attempt's own failure is the one to tell.
      await removeIfThere(disk, temporary).catch(() => {})
      // Of all failures of a rename only EIO leaves open whether it took place (POSIX, rename).
      const mayBeStored = stage === "renamed" || (stage === "renaming" && errorCode(error) === "EIO")
      return later(object, { mayBeStored, ...(failureBeforeStore(error, signal) ?? diskFailure(error)) })
    }
  }

  return { put, close: async () => {} }
}

/** Writes a new file and resolves with its size once its content is durable. */
async function writeSynced(disk: Disk, file: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await disk.open(file, "create")
  try {
    let sizeBytes = 0
    let kept: Uint8Array[] = []
    let keptBytes = 0
    const write = async (last: readonly Uint8Array[], lastBytes: number) => {
      await handle.write([...kept, ...last], sizeBytes)
      sizeBytes += keptBytes + lastBytes
      kept = []
      keptBytes = 0
    }
    for await (const chunk of chunks) {
      if (keptBytes + chunk.byteLength >= writeBytesMin) {
        await write([chunk], chunk.byteLength)
      } else {
        // A copy: the source uses its memory again.
        kept.push(Buffer.from(chunk))
        keptBytes += chunk.byteLength
      }
    }
    if (keptBytes > 0) await write([], 0)
    await handle.sync()
    return sizeBytes
  } finally {
    await handle.close()
  }
}
