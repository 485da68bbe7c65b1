/**
 * Timestamps as two streams:
 *
 *     DATA        seconds since 2015-01-01T00:00:00 UTC, signed
 *     SECONDARY   nanoseconds, as in the rest of this comment
 *
 * Nanoseconds go without trailing zeros, of which the lower three bits say how many there were, less one: 0 is none, 1 is two,
 * 7 is eight. A single one stays.
 *
 * Seconds are what Apache's writers make of a time in milliseconds, rounded toward 1970. Readers take a second off again from a time
 * before 1970 that has milliseconds in its nanoseconds (more than 999,999): ORC-763. So in the last second before 1970 those
 * can't be written: readers see them one second late, in our files as in those of Apache's writers.
 */
import type { TimestampValues } from "../columns/index.ts"
import type { OrcOptions } from "./options.ts"
import { type Bounds, integerStream, type Stream } from "./streams.ts"

const epochSeconds = Date.UTC(2015, 0, 1) / 1000
const subMillisecondMax = 999_999

export function timestampStreams(timestamps: TimestampValues, bounds: Bounds, options: OrcOptions): readonly Stream[] {
  const { seconds, nanoseconds } = timestamps
  const data = new Float64Array(seconds.length)
  const secondary = new Float64Array(seconds.length)
  for (let at = 0; at < data.length; at++) {
    const second = seconds[at] ?? 0
    const nanosecond = nanoseconds[at] ?? 0
    const isRoundedUp = second < 0 && nanosecond > subMillisecondMax
    data[at] = second - epochSeconds + (isRoundedUp ? 1 : 0)
    secondary[at] = withoutZeros(nanosecond)
  }
  return [
    integerStream(data, bounds, { kind: "data", isSigned: true, options }),
    integerStream(secondary, bounds, { kind: "secondary", isSigned: false, options }),
  ]
}

/** Of `timestamps[from, to)` what readers see, in milliseconds since 1970, rounded down. */
export function timestampMilliseconds(timestamps: TimestampValues, from: number, to: number): Float64Array {
  const { seconds, nanoseconds } = timestamps
  const milliseconds = new Float64Array(to - from)
  for (let at = from; at < to; at++) {
    const second = seconds[at] ?? 0
    const nanosecond = nanoseconds[at] ?? 0
    const isSeenLate = second === -1 && nanosecond > subMillisecondMax
    milliseconds[at - from] = 1000 * (isSeenLate ? 0 : second) + Math.floor(nanosecond / 1e6)
  }
  return milliseconds
}

function withoutZeros(nanosecond: number): number {
  if (nanosecond === 0 || nanosecond % 100 !== 0) return 8 * nanosecond
  let rest = nanosecond / 100
  let zeros = 2
  for (; rest % 10 === 0; rest /= 10) zeros++
  return 8 * rest + zeros - 1
}
