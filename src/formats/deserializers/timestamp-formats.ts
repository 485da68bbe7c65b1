import { compileJodaPattern, type ReadByPattern } from "./joda-pattern.ts"
import { decoded } from "./json-input.ts"
import { readMilliseconds, readPlainMoment } from "./moments.ts"
import type { Rules } from "./value-reader.ts"

/** The format of milliseconds since 1970. */
const millis = "millis"

/**
 * What is wrong with a timestamp format of HiveJsonSerDe, in the words of CreateDeliveryStream's InvalidArgumentException, or
 * undefined (spec/format-conversion.md, section 1).
 */
export function timestampFormatProblem(format: string): string | undefined {
  if (format === millis || compileJodaPattern(format) !== undefined) return undefined
  const option = `[Key: timestamp.formats Value: ${format}]`
  return `One or more SerDe options are invalid for org.apache.hcatalog.data.JsonSerDe: ${option}`
}

/**
 * Reads the timestamps of HiveJsonSerDe (section 3): by the first of the formats that a text is of, and else, as Hive does, as
 * java.sql.Timestamp.
 */
export function timestampFormats(formats: readonly string[]): Rules["readMoment"] {
  if (formats.length === 0) return readPlainMoment
  const readers = formats.map(readerOf)
  return (text, start, end, moment) => {
    const words = decoded(text, start, end)
    for (const read of readers) {
      const found = read(words)
      if (found === undefined) continue
      Object.assign(moment, found)
      return true
    }
    return readPlainMoment(text, start, end, moment)
  }
}

function readerOf(format: string): ReadByPattern {
  if (format === millis) return readMilliseconds
  const read = compileJodaPattern(format)
  if (read === undefined) throw new Error(`Cannot read timestamps by "${format}": it is no pattern of Joda-Time`)
  return read
}
