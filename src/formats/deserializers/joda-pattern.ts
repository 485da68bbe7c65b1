/**
 * Patterns of Joda-Time's DateTimeFormat, by which HiveJsonSerDe reads timestamps (spec/format-conversion.md, section 3). What a
 * pattern leaves open is as at 1970-01-01T00:00:00, as Hive has it. Names are English, in any case.
 *
 * | letters           | what                              | digits                                              |
 * | ----------------- | --------------------------------- | --------------------------------------------------- |
 * | `y` `Y`           | year, with a sign or not          | `yy` is 1950 to 2049; any other count: up to 9      |
 * | `M` `d` `D`       | month, day of it, day of the year | up to 2, 2 and 3; `MMM` is the month's name         |
 * | `x` `w` `e`       | year, week and day of ISO weeks   | up to 9, 2 and 1                                    |
 * | `H` `k` `K` `h`   | hour: 0-23, 1-24, 0-11, 1-12      | up to 2                                             |
 * | `m` `s` `S`       | minute, second, fraction          | up to 2 and 2; as many as there are letters         |
 * | `E` `a` `G`       | name of the day, AM or PM, era    |                                                     |
 * | `Z` `ZZ`          | offset from UTC, or `Z`           |                                                     |
 * | `z` `ZZZ`         | name of the zone: UTC or GMT only |                                                     |
 *
 * A number before another one without anything between them has as many digits as it has letters at most. Text in single quotes and
 * what is no letter stand for themselves. Joda's `C` (century) is not known here.
 */
import { daysInMonth, daysOf, type Moment } from "./moments.ts"

/** What a text says, as far as it does. */
interface Fields {
  year: number
  month: number
  day: number
  dayOfYear?: number
  weekYear?: number
  week?: number
  dayOfWeek?: number
  /** 0 to 23, or 0 to 11 in half a day. */
  hour: number
  isAfternoon?: boolean
  isBeforeChrist: boolean
  minute: number
  second: number
  nanosecond: number
  offsetSeconds: number
}

/** Takes its part of `text` from `at` on. Answers where it ends, or undefined if it is not there. */
type Step = (text: string, at: number, fields: Fields) => number | undefined

/** Reads a text by a pattern. Undefined if it is none of it, or no moment. */
export type ReadByPattern = (text: string) => Moment | undefined

/** Makes a reader of texts of a pattern, or undefined if it is none. */
export function compileJodaPattern(pattern: string): ReadByPattern | undefined {
  const steps = stepsOf(pattern)
  if (steps === undefined || steps.length === 0) return undefined
  return (text) => {
    const fields: Fields = {
      year: 1970,
      month: 1,
      day: 1,
      hour: 0,
      isBeforeChrist: false,
      minute: 0,
      second: 0,
      nanosecond: 0,
      offsetSeconds: 0,
    }
    let at: number | undefined = 0
    for (const step of steps) {
      at = step(text, at, fields)
      if (at === undefined) return undefined
    }
    return at === text.length ? momentOf(fields) : undefined
  }
}

function stepsOf(pattern: string): readonly Step[] | undefined {
  const tokens = [...pattern.matchAll(/([a-zA-Z])\1*|'((?:[^']|'')*)'?|[^a-zA-Z']+/g)]
  const steps: Step[] = []
  for (const [index, [token, letter, quoted]] of tokens.entries()) {
    const step =
      letter === undefined
        ? literal(quoted === undefined ? token : token === "''" ? "'" : quoted.replaceAll("''", "'"))
        : fieldStep(letter, token.length, isNumeric(tokens[index + 1]?.[0]))
    if (step === undefined) return undefined
    steps.push(step)
  }
  return steps
}

/** Whether a token is a number in texts. */
function isNumeric(token = ""): boolean {
  return /^[cCyYxwedDhHkKmsS]/.test(token) || /^M{1,2}$/.test(token)
}

function fieldStep(letter: string, length: number, isBeforeNumber: boolean): Step | undefined {
  switch (letter) {
    case "y":
    case "Y":
      return year(length, isBeforeNumber, (fields, value) => {
        fields.year = value
      })
    case "x":
      return year(length, isBeforeNumber, (fields, value) => {
        fields.weekYear = value
      })
    case "M":
      if (length > 2) return name(months, (fields, index) => (fields.month = index + 1))
      return number(2, 1, 12, (fields, value) => (fields.month = value))
    case "d":
      return number(2, 1, 31, (fields, value) => (fields.day = value))
    case "D":
      return number(3, 1, 366, (fields, value) => (fields.dayOfYear = value))
    case "w":
      return number(2, 1, 53, (fields, value) => (fields.week = value))
    case "e":
      return number(1, 1, 7, (fields, value) => (fields.dayOfWeek = value))
    case "E":
      return name(weekdays, (fields, index) => (fields.dayOfWeek = index + 1))
    case "H":
      return number(2, 0, 23, (fields, value) => (fields.hour = value))
    case "k":
      return number(2, 1, 24, (fields, value) => (fields.hour = value % 24))
    case "K":
      return number(2, 0, 11, (fields, value) => (fields.hour = value))
    case "h":
      return number(2, 1, 12, (fields, value) => (fields.hour = value % 12))
    case "a":
      return name(["am", "pm"], (fields, index) => (fields.isAfternoon = index === 1))
    case "m":
      return number(2, 0, 59, (fields, value) => (fields.minute = value))
    case "s":
      return number(2, 0, 59, (fields, value) => (fields.second = value))
    case "S":
      return fraction(length)
    case "G":
      return name(["bc", "ad", "bce", "ce"], (fields, index) => (fields.isBeforeChrist = index % 2 === 0))
    case "Z":
      return length > 2 ? zoneName : offset
    case "z":
      return zoneName
    default:
      return undefined
  }
}

const months = "january february march april may june july august september october november december".split(" ")
const weekdays = "monday tuesday wednesday thursday friday saturday sunday".split(" ")

type Set<Value> = (fields: Fields, value: Value) => void

function literal(words: string): Step {
  const wanted = words.toLowerCase()
  return (text, at) => (text.slice(at, at + words.length).toLowerCase() === wanted ? at + words.length : undefined)
}

function number(digitsMax: number, min: number, max: number, set: Set<number>): Step {
  return (text, at, fields) => {
    const digits = digitsAt(text, at, digitsMax)
    const value = Number(digits)
    if (digits === "" || value < min || value > max) return undefined
    set(fields, value)
    return at + digits.length
  }
}

function year(length: number, isBeforeNumber: boolean, set: Set<number>): Step {
  return (text, at, fields) => {
    const sign = !isBeforeNumber && /[+-]/.test(text.charAt(at)) ? text.charAt(at) : ""
    const digits = digitsAt(text, at + sign.length, isBeforeNumber ? length : 9)
    if (digits === "" || (length === 2 && isBeforeNumber && digits.length < 2)) return undefined
    const value = Number(digits)
    // As SimpleDateFormat, two digits are a year of this age only where two letters ask for them.
    const isShort = length === 2 && digits.length === 2 && sign === ""
    set(fields, isShort ? value + (value < 50 ? 2000 : 1900) : sign === "-" ? -value : value)
    return at + sign.length + digits.length
  }
}

/** Digits of nanoseconds are kept; a later one that is not 0 would be lost, so it makes the text none of the pattern. */
function fraction(digitsMax: number): Step {
  return (text, at, fields) => {
    const digits = digitsAt(text, at, digitsMax)
    if (digits === "" || /[1-9]/.test(digits.slice(9))) return undefined
    fields.nanosecond = Number(digits.slice(0, 9).padEnd(9, "0"))
    return at + digits.length
  }
}

/** Takes a name, whole or its first three letters, the longest that is there. */
function name(names: readonly string[], set: Set<number>): Step {
  return (text, at, fields) => {
    const rest = text.slice(at, at + 9).toLowerCase()
    const spellings = names.flatMap((whole, index) => [
      { spelling: whole, index },
      { spelling: whole.slice(0, 3), index },
    ])
    const there = spellings.filter(({ spelling }) => rest.startsWith(spelling))
    const longest = there.reduce<(typeof there)[number] | undefined>(
      (best, one) => (best === undefined || one.spelling.length > best.spelling.length ? one : best),
      undefined,
    )
    if (longest === undefined) return undefined
    set(fields, longest.index)
    return at + longest.spelling.length
  }
}

function offset(text: string, at: number, fields: Fields): number | undefined {
  const [all, sign, hours, minutes, seconds] =
    /^(?:Z|([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?)/i.exec(text.slice(at)) ?? []
  if (all === undefined) return undefined
  const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
  if (Number(hours ?? 0) > 23 || Number(minutes ?? 0) > 59 || Number(seconds ?? 0) > 59) return undefined
  fields.offsetSeconds = sign === "-" ? -size : size
  return at + all.length
}

function zoneName(text: string, at: number): number | undefined {
  const [all] = /^(?:UTC|GMT)(?![A-Za-z])/i.exec(text.slice(at)) ?? []
  return all === undefined ? undefined : at + all.length
}

function digitsAt(text: string, at: number, digitsMax: number): string {
  let end = at
  while (end < at + digitsMax && /[0-9]/.test(text.charAt(end))) end++
  return text.slice(at, end)
}

function momentOf(fields: Fields): Moment | undefined {
  const days = daysOfFields(fields)
  // 1970-01-01 was a Thursday.
  const weekday = days === undefined ? undefined : ((((days + 3) % 7) + 7) % 7) + 1
  if (days === undefined || (fields.dayOfWeek ?? weekday) !== weekday) return undefined
  const { isAfternoon, minute, second } = fields
  if (isAfternoon !== undefined && fields.hour > 12) return undefined
  const hour = isAfternoon === undefined ? fields.hour : (fields.hour % 12) + (isAfternoon ? 12 : 0)
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second - fields.offsetSeconds
  return { seconds, nanoseconds: fields.nanosecond }
}

function daysOfFields(fields: Fields): number | undefined {
  const { dayOfYear, weekYear, week } = fields
  if (weekYear !== undefined || week !== undefined) {
    return daysOfWeek(weekYear ?? 1970, week ?? 1, fields.dayOfWeek ?? 1)
  }
  // The year before the year 1 of our era is 0.
  const year = fields.isBeforeChrist ? 1 - fields.year : fields.year
  if (dayOfYear === undefined) return daysOf(year, fields.month, fields.day)
  const first = daysOf(year, 1, 1)
  return first === undefined || dayOfYear > 337 + daysInMonth(year, 2) ? undefined : first + dayOfYear - 1
}

/** Of a day of an ISO week: the first week of a year is that of its 4th of January. */
function daysOfWeek(year: number, week: number, dayOfWeek: number): number | undefined {
  const monday = firstMonday(year)
  const days = monday + (week - 1) * 7
  return days >= firstMonday(year + 1) ? undefined : days + dayOfWeek - 1
}

function firstMonday(year: number): number {
  const fourth = daysOf(year, 1, 4) ?? Number.NaN
  return fourth - ((((fourth + 3) % 7) + 7) % 7)
}
