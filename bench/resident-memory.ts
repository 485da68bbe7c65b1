import { setTimeout as sleep } from "node:timers/promises"
import type { ServerProcess } from "./server-processes.ts"

const sampleMs = 200

/** A server's resident memory, again and again until `work` is done. */
export async function sampleResidentBytes(
  server: Pick<ServerProcess, "use">,
  work: Promise<unknown>,
): Promise<readonly number[]> {
  const over = new AbortController()
  const done = work.finally(() => over.abort())
  const samples: number[] = []
  do {
    samples.push((await server.use()).residentBytes)
    await Promise.race([done, sleep(sampleMs)])
  } while (!over.signal.aborted)
  await done
  return samples
}
