import type { Random } from "../platform/index.ts"

const firstMs = 1000
const longestMs = 60_000
const jitter = 0.15

/** How long to wait after the given number of failed attempts: doubling from a second to a minute, spread by 15 %. */
export function backoffMs(failedAttempts: number, random: Random): number {
  const plain = Math.min(longestMs, firstMs * 2 ** Math.min(failedAttempts - 1, 16))
  return Math.round(plain * (1 + jitter * (2 * random.fraction() - 1)))
}
