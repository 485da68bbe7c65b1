import { type BigIntStats, createReadStream } from "node:fs"
import fs from "node:fs/promises"
import path from "node:path"
import { errorCode } from "../../platform/index.ts"
import { reasonOf } from "../attempt.ts"
import { type ListedObject, type ObjectReader, type OpenObject, ReadFailure } from "../reader.ts"
import { keyOfNames, pathOfKey } from "./place.ts"

export interface FolderReaderOptions {
  /** The folder of one bucket, or any other one. */
  readonly folder: string
  /** `escaped`: files are named as the folder store does (place.ts). `plain`: a key is the path below the folder. */
  readonly names: "escaped" | "plain"
}

/** Reads files as objects. Unlike the store it looks at the system's own disk: it is for commands, not for the server. */
export function createFolderReader({ folder, names }: FolderReaderOptions): ObjectReader {
  const keyOf = names === "escaped" ? keyOfNames : (parts: readonly string[]) => parts.join("/")
  const partsOf = names === "escaped" ? pathOfKey : (key: string) => key.split("/")
  const name = JSON.stringify(folder)

  async function* walk(parts: readonly string[], prefix: string): AsyncGenerator<ListedObject> {
    const entries = await fs.readdir(path.join(folder, ...parts), { withFileTypes: true })
    entries.sort((one, other) => (one.name < other.name ? -1 : 1))
    for (const entry of entries) {
      const below = [...parts, entry.name]
      const key = keyOf(below)
      if (entry.isDirectory()) {
        if (key.startsWith(prefix) || prefix.startsWith(key)) yield* walk(below, prefix)
      } else if (key.startsWith(prefix)) {
        // A link to a file is one; a link to a folder is not followed, since it may lead back here.
        const stats = await fs.stat(path.join(folder, ...below), { bigint: true })
        if (stats.isFile()) {
          const sizeBytes = Number(stats.size)
          yield { key, sizeBytes, modifiedMs: Number(stats.mtimeNs / 1_000_000n), version: versionOf(stats) }
        }
      }
    }
  }

  return {
    async *list(prefix, signal) {
      const objects = walk([], prefix)
      for (;;) {
        signal.throwIfAborted()
        const next = await objects.next().catch((error: unknown) => {
          throw new ReadFailure(`Cannot list ${name}: ${reason(error)}`, error)
        })
        if (next.done) return
        yield next.value
      }
    },
    async open(key, signal): Promise<OpenObject> {
      const file = path.join(folder, ...partsOf(key))
      const failure = (error: unknown) =>
        new ReadFailure(`Cannot read ${JSON.stringify(file)}: ${reason(error)}`, error)
      try {
        const handle = await fs.open(file)
        const stats = await handle.stat({ bigint: true })
        const stream = createReadStream(file, { fd: handle, highWaterMark: 256 * 1024, signal })
        return { version: versionOf(stats), contentEncoding: undefined, body: guarded(stream, failure, signal) }
      } catch (error) {
        throw failure(error)
      }
    },
    close: async () => {},
  }
}

/** `bytes`, whose failures are told as a reader's, but for the one that the caller asked for. */
async function* guarded(
  bytes: AsyncIterable<Uint8Array>,
  failure: (error: unknown) => ReadFailure,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of bytes) yield chunk
  } catch (error) {
    throw signal.aborted ? signal.reason : failure(error)
  }
}

/** A file that is replaced or written to has another time, but for a program that sets it back and keeps the size. */
function versionOf({ size, mtimeNs }: BigIntStats): string {
  return `${size}-${mtimeNs}`
}

function reason(error: unknown): string {
  switch (errorCode(error)) {
    case "ENOENT":
      return "there is no such file or folder"
    case "ENOTDIR":
      return "it is not a folder"
    case "EACCES":
    case "EPERM":
      return "you may not read it"
    default:
      return reasonOf(error)
  }
}
