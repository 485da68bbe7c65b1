import { randomBytes, randomUUID } from "node:crypto"

/** Randomness. A simulation draws it from a seed. */
export interface Random {
  /** A version 4 UUID: lower case, with dashes. */
  uuid(): string
  bytes(count: number): Buffer
  /** A number from 0 up to, not including, 1. For jitter, never for secrets. */
  fraction(): number
}

export const systemRandom: Random = {
  uuid: randomUUID,
  bytes: randomBytes,
  fraction: Math.random,
}
