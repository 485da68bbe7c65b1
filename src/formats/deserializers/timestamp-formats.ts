import { type Moment, readPlainMoment } from "./moments.ts"

/** Reads `text[start, end)`. Answers whether it is a timestamp. */
type ReadMoment = (text: Uint8Array, start: number, end: number, moment: Moment) => boolean

/** HiveJsonSerDe's timestamps. */
export function timestampFormats(_formats: readonly string[]): ReadMoment {
  return readPlainMoment
}
