/**
 * How long things took, in as little memory for a day as for a second. Durations are counted in microseconds, in buckets that
 * are at most 1/64 of their value wide:
 *
 *     0, 1, 2, ... 127            one each
 *     128 to 255                  64 buckets of 2
 *     256 to 511                  64 buckets of 4, and so on to an hour; what lasted longer counts as that
 */
const linear = 128
const perDoubling = 64
const longestUs = 3_600_000_000
const bucketCount = bucketOf(longestUs) + 1

export class Latencies {
  readonly #counts = new Float64Array(bucketCount)
  #count = 0
  #maxMs = 0

  get count(): number {
    return this.#count
  }

  /** Exactly; 0 when there is none. */
  get maxMs(): number {
    return this.#maxMs
  }

  add(durationMs: number): void {
    const bucket = bucketOf(Math.min(longestUs, Math.max(0, Math.round(durationMs * 1000))))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count++
    this.#maxMs = Math.max(this.#maxMs, durationMs)
  }

  /** The duration that `fraction` of all stayed below or at, at most 1/64 too long; undefined when there is none. */
  quantileMs(fraction: number): number | undefined {
    const rank = Math.max(1, Math.ceil(this.#count * fraction))
    let passed = 0
    for (const [bucket, count] of this.#counts.entries()) {
      passed += count
      if (passed >= rank) return Math.min(this.#maxMs, longestOfUs(bucket) / 1000)
    }
    return undefined
  }
}

function bucketOf(durationUs: number): number {
  if (durationUs < linear) return durationUs
  const doublings = Math.floor(Math.log2(durationUs / linear)) + 1
  return linear + (doublings - 1) * perDoubling + Math.floor(durationUs / 2 ** doublings) - perDoubling
}

/** The longest duration that a bucket counts. */
function longestOfUs(bucket: number): number {
  if (bucket < linear) return bucket
  const doublings = Math.floor((bucket - linear) / perDoubling) + 1
  const step = (bucket - linear) % perDoubling
  return (perDoubling + step + 1) * 2 ** doublings - 1
}
