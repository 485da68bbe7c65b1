import { randomFillSync, randomUUID } from "node:crypto"

/** Randomness. A simulation draws it from a seed. */
export interface Random {
  /** A version 4 UUID: lower case, with dashes. */
  uuid(): string
  bytes(count: number): Buffer
  /** A number from 0 up to, not including, 1. For jitter, never for secrets. */
  fraction(): number
}

/** Random bytes are drawn this many at a time: drawing few takes as long as drawing many, and every answer wants some. */
const poolBytes = 8192
let pool = Buffer.alloc(0)

function takeBytes(count: number): Buffer {
  if (count > poolBytes) return randomFillSync(Buffer.allocUnsafeSlow(count))
  if (count > pool.length) pool = randomFillSync(Buffer.allocUnsafeSlow(poolBytes))
  const taken = pool.subarray(0, count)
  // Nobody is given the same bytes again.
  pool = pool.subarray(count)
  return taken
}

export const systemRandom: Random = {
  uuid: randomUUID,
  bytes: takeBytes,
  fraction: Math.random,
}
