/**
 * A thread beside a function in its process, which goes on when the function loops: it ends the process when the server is gone,
 * and when it takes too much memory, of whatever kind.
 */
import { writeSync } from "node:fs"
import { Socket } from "node:net"
import { workerData } from "node:worker_threads"

/** What function-program.ts gives it. */
export interface FunctionWatchData {
  /** Bytes that the process may have in memory. */
  readonly residentBytesMax: number
}

const { residentBytesMax }: FunctionWatchData = workerData
const memoryCheckMs = 100
/** Its place among what function-process.ts gives to the process. */
const serverDescriptor = 4
const errorDescriptor = 2

new Socket({ fd: serverDescriptor }).once("close", end).resume()
setInterval(checkMemory, memoryCheckMs)

function checkMemory(): void {
  const residentBytes = process.memoryUsage.rss()
  if (residentBytes <= residentBytesMax) return
  try {
    writeSync(errorDescriptor, `It takes ${mebibytes(residentBytes)} MiB and may take ${mebibytes(residentBytesMax)}\n`)
  } finally {
    end()
  }
}

function end(): void {
  process.kill(process.pid, "SIGKILL")
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}
