import { setTimeout as sleep } from "node:timers/promises"

const pauseMs = 5

/** Resolves once `condition` holds. It looks every few milliseconds, so as to leave the processor to what it waits for. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(pauseMs)
}
