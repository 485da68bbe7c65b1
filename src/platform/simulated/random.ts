import type { Random } from "../random.ts"

/** Randomness that a seed decides: what is drawn is the same in every run, on every machine. */
export interface SimulatedRandom extends Random {
  /** A whole number from 0 up to, not including, `below`. */
  integer(below: number): number
  /** True with `probability`, from 0 to 1. */
  chance(probability: number): boolean
  choice<T>(list: readonly T[]): T
  /** Another generator, decided by this one: what is drawn from one of them does not move the other. */
  fork(): SimulatedRandom
}

/** The generator is sfc32 of PractRand: small, fast, and of good quality for everything but secrets. */
export function createSimulatedRandom(seed: number): SimulatedRandom {
  const nextUint32 = sfc32(seed)

  // Two draws make the 53 bits that a double holds.
  const fraction = () => ((nextUint32() >>> 5) * 2 ** 26 + (nextUint32() >>> 6)) / 2 ** 53
  const integer = (below: number) => Math.floor(fraction() * below)
  const bytes = (count: number) => {
    const drawn = Buffer.alloc(count)
    for (let index = 0; index < count; index++) drawn[index] = nextUint32()
    return drawn
  }

  return {
    fraction,
    integer,
    bytes,
    chance: (probability) => fraction() < probability,
    choice(list) {
      const index = integer(list.length)
      if (!(index in list)) throw new RangeError("Cannot choose from an empty list")
      return list[index] as (typeof list)[number] // Just seen to be there: only its type could hold undefined.
    },
    fork: () => createSimulatedRandom(nextUint32()),
    uuid() {
      const drawn = bytes(16)
      drawn.writeUInt8((drawn.readUInt8(6) & 0x0f) | 0x40, 6)
      drawn.writeUInt8((drawn.readUInt8(8) & 0x3f) | 0x80, 8)
      const hex = drawn.toString("hex")
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
    },
  }
}

function sfc32(seed: number): () => number {
  let a = seed | 0
  let b = Math.floor(seed / 2 ** 32) | 0
  let c = 0x9e3779b9 | 0
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  // Neighbouring seeds start alike; after 15 rounds they have nothing in common any more.
  for (let round = 0; round < 15; round++) next()
  return next
}
