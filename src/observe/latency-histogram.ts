/**
 * Upper bounds in seconds. A put lasts about as long as one disk sync: tens of microseconds on a good SSD, some
 * milliseconds on a cloud volume, seconds on a disk that is failing.
 */
const boundsS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** How often something took how long. It is changed in place, and can be added to another one. */
export interface LatencyCounts {
  /** For each upper bound, how many took no longer and longer than the one before; at the end, those beyond all. */
  readonly buckets: number[]
  sumS: number
}

export function noLatencies(): LatencyCounts {
  return { buckets: Array.from({ length: boundsS.length + 1 }, () => 0), sumS: 0 }
}

export function countLatency(counts: LatencyCounts, durationMs: number): void {
  const durationS = durationMs / 1000
  let bucket = 0
  while (durationS > (boundsS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
  counts.buckets[bucket] = (counts.buckets[bucket] ?? 0) + 1
  counts.sumS += durationS
}

export function addLatencies(counts: LatencyCounts, more: LatencyCounts): void {
  for (const [bucket, count] of more.buckets.entries()) counts.buckets[bucket] = (counts.buckets[bucket] ?? 0) + count
  counts.sumS += more.sumS
}

/** The counts in Prometheus' text format. prom-client's own histogram can't take what another process counted. */
export function exposeLatencies(name: string, help: string, { buckets, sumS }: LatencyCounts): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
  let count = 0
  for (const [bucket, added] of buckets.entries()) {
    count += added
    lines.push(`${name}_bucket{le="${boundsS[bucket] ?? "+Inf"}"} ${count}`)
  }
  lines.push(`${name}_sum ${sumS}`, `${name}_count ${count}`)
  return `${lines.join("\n")}\n`
}
