import { createHash } from "node:crypto"
import fs from "node:fs/promises"
import net from "node:net"
import os from "node:os"
import path from "node:path"
import { errorCode } from "./replace-file.ts"

/** Says that no other process works on a folder. */
export interface FolderLock {
  /** May be called twice. */
  release(): Promise<void>
}

/** The longest path that a Unix socket can have on every system: 104 bytes with its end on macOS, 108 on Linux. */
const socketPathBytesMax = 103

/**
 * Takes a folder for this process, or answers "taken" when another one has it.
 *
 * The lock is a Unix socket in the folder that this process listens on. The system closes it with the process, however
 * that ends, so a lock is never left behind; a socket file that nobody listens on any more is taken over. On Linux a second
 * socket without a file comes first, named by the folder's inode: two processes can't both take over a file. Only where
 * each is in a network namespace of its own, as in two containers, they could, within the same millisecond.
 */
export async function lockFolder(folder: string): Promise<FolderLock | "taken"> {
  const first = await listen(await nameWithoutFile(folder))
  if (first === "in-use") return "taken"
  const second = await lockFile(await socketPathFor(folder))
  if (second === "taken") {
    await first?.release()
    return "taken"
  }
  return {
    async release() {
      await second.release()
      await first?.release()
    },
  }
}

async function lockFile(socketPath: string): Promise<FolderLock | "taken"> {
  const first = await listen(socketPath)
  if (first !== "in-use") return first
  if (await isAnswered(socketPath)) return "taken"
  await fs.rm(socketPath, { force: true })
  const second = await listen(socketPath)
  return second === "in-use" ? "taken" : second
}

/** The name of a socket in Linux's abstract namespace; undefined on other systems. */
async function nameWithoutFile(folder: string): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined
  const { dev, ino } = await fs.stat(folder)
  return `\0hydrant-${dev}-${ino}`
}

async function socketPathFor(folder: string): Promise<string> {
  const inside = path.join(await fs.realpath(folder), "lock.sock")
  if (Buffer.byteLength(inside) <= socketPathBytesMax) return inside
  const mark = createHash("sha256").update(inside).digest("hex").slice(0, 24)
  return path.join(os.tmpdir(), `hydrant-${mark}.sock`)
}

async function listen(socketPath: string): Promise<FolderLock | "in-use">
async function listen(socketPath: string | undefined): Promise<FolderLock | "in-use" | undefined>
async function listen(socketPath: string | undefined): Promise<FolderLock | "in-use" | undefined> {
  if (socketPath === undefined) return undefined
  const server = net.createServer((connection) => connection.destroy())
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject)
      server.listen(socketPath, resolve)
    })
  } catch (error) {
    if (errorCode(error) === "EADDRINUSE") return "in-use"
    throw error
  }
  // The lock alone must not keep the process running.
  server.unref()
  return {
    release: () =>
      new Promise((resolve) => {
        // Closing also removes the socket's file; closing what is closed tells an error that means nothing here.
        server.close(() => resolve())
      }),
  }
}

function isAnswered(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = net.connect(socketPath)
    connection.once("connect", () => {
      connection.destroy()
      resolve(true)
    })
    connection.once("error", () => resolve(false))
  })
}
