import { setTimeout as sleep } from "node:timers/promises"
import type { ServerProcess } from "./server-processes.ts"

/** A server's resident memory, every `everyMs` until `work` is done. Asking takes some of the server's time: it has all its metrics told. */
export async function sampleResidentBytes(
  server: Pick<ServerProcess, "use">,
  work: Promise<unknown>,
  everyMs = 200,
): Promise<readonly number[]> {
  const over = new AbortController()
  const done = work.finally(() => over.abort())
  // Its failure is told by the end, also when it comes while the server is asked and nobody waits for it.
  done.catch(() => {})
  const samples: number[] = []
  do {
    samples.push((await server.use()).residentBytes)
    await Promise.race([done, sleep(everyMs)])
  } while (!over.signal.aborted)
  await done
  return samples
}
