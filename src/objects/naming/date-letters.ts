import type { LocalMoment } from "./local-moment.ts"
import { isoOffset, localizedOffset, zoneName } from "./zone-texts.ts"

/** One part of a date pattern: what it writes for a moment. */
export type DateField = (moment: LocalMoment) => string

/** Makes a letter's field from how often it is repeated; undefined for a count that Java refuses. */
type Letter = (count: number) => DateField | undefined

/** Java refuses wider numbers, and finer fractions than nanoseconds. */
const numberWidthMax = 19
const fractionDigitsMax = 9

const monthNames = "January February March April May June July August September October November December".split(" ")
const weekdayNames = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ")
const quarterNames = ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"]

/**
 * The letters of a java.time.format.DateTimeFormatter pattern as JDK 17 formats them in the locale en-US. A letter that is
 * not here is refused. Moments are those of arriving records: of this era, with a year of four digits.
 */
export const dateLetters: ReadonlyMap<string, Letter> = new Map(
  Object.entries({
    G: (count) => text(["AD", "AD", "AD", "Anno Domini", "A"][count - 1]),
    u: year((moment) => moment.year),
    y: year((moment) => moment.year),
    Y: year((moment) => moment.weekBasedYear),
    Q: quarter,
    q: quarter,
    M: month,
    L: month,
    w: number(2, (moment) => moment.weekOfWeekBasedYear),
    W: number(1, (moment) => moment.weekOfMonth),
    D: number(3, (moment) => moment.dayOfYear),
    d: number(2, (moment) => moment.dayOfMonth),
    F: number(1, (moment) => ((moment.dayOfMonth - 1) % 7) + 1),
    g: number(numberWidthMax, (moment) => moment.epochDay + 40_587),
    E: (count) => weekday(Math.max(count, 3)),
    e: (count) => number(2, (moment) => moment.dayOfWeek)(count) ?? weekday(count),
    c: (count) => number(1, (moment) => moment.dayOfWeek)(count) ?? weekday(count),
    a: (count) => (count === 1 ? (moment) => (moment.hour < 12 ? "AM" : "PM") : undefined),
    B: (count) => (count === 1 || count === 4 || count === 5 ? (moment) => dayPeriod(moment, count === 5) : undefined),
    H: number(2, (moment) => moment.hour),
    k: number(2, (moment) => moment.hour || 24),
    K: number(2, (moment) => moment.hour % 12),
    h: number(2, (moment) => moment.hour % 12 || 12),
    m: number(2, (moment) => moment.minute),
    s: number(2, (moment) => moment.second),
    S: fraction,
    A: number(numberWidthMax, (moment) => moment.milliOfDay),
    n: number(numberWidthMax, (moment) => moment.milliOfSecond * 1_000_000),
    N: number(numberWidthMax, (moment) => moment.milliOfDay * 1_000_000),
    ...zoneLetters(),
  } satisfies Record<string, Letter>),
)

function zoneLetters() {
  return {
    z: (count) => {
      if (count > 4) return undefined
      return (moment) => zoneName(moment, { generic: false, long: count === 4 })
    },
    v: (count) => {
      if (count !== 1 && count !== 4) return undefined
      return (moment) => zoneName(moment, { generic: true, long: count === 4 })
    },
    V: (count) => (count === 2 ? (moment) => moment.zone.id : undefined),
    O: (count) => (count === 1 || count === 4 ? (moment) => localizedOffset(moment, { long: count === 4 }) : undefined),
    Z: (count) => {
      if (count < 4) return (moment) => isoOffset(moment, { form: "+HHMM", zero: "+0000" })
      if (count === 4) return (moment) => localizedOffset(moment, { long: true })
      return count === 5 ? (moment) => isoOffset(moment, { form: "+HH:MM", zero: "Z" }) : undefined
    },
    X: (count) => (count <= 5 ? (moment) => isoOffset(moment, { form: offsetForm(count), zero: "Z" }) : undefined),
    x: (count) => {
      if (count > 5) return undefined
      const form = offsetForm(count)
      const zero = { "+HHmm": "+00", "+HHMM": "+0000", "+HH:MM": "+00:00" }[form]
      return (moment) => isoOffset(moment, { form, zero })
    },
  } satisfies Record<string, Letter>
}

/** Counts 4 and 5 add seconds to 2 and 3 where an offset has them: none does today. */
function offsetForm(count: number) {
  if (count === 1) return "+HHmm"
  return count % 2 === 0 ? "+HHMM" : "+HH:MM"
}

function text(value: string | undefined): DateField | undefined {
  return value === undefined ? undefined : () => value
}

/** A number with zeros before it as far as the letter is repeated. */
function number(countMax: number, read: (moment: LocalMoment) => number): Letter {
  return (count) => (count <= countMax ? (moment) => String(read(moment)).padStart(count, "0") : undefined)
}

/** Two letters are the last two digits. */
function year(read: (moment: LocalMoment) => number): Letter {
  return (count) => (count === 2 ? (moment) => String(read(moment)).slice(-2) : number(numberWidthMax, read)(count))
}

function month(count: number): DateField | undefined {
  return number(2, (moment) => moment.month)(count) ?? name(count, (moment) => monthNames[moment.month - 1])
}

function weekday(count: number): DateField | undefined {
  return name(count, (moment) => weekdayNames[moment.dayOfWeek - 1])
}

/** Three letters are a short name, four a full one, five its first character. */
function name(count: number, read: (moment: LocalMoment) => string | undefined): DateField | undefined {
  const length = [3, Number.POSITIVE_INFINITY, 1][count - 3]
  return length === undefined ? undefined : (moment) => read(moment)?.slice(0, length) ?? ""
}

function quarter(count: number): DateField | undefined {
  const of = (moment: LocalMoment) => Math.ceil(moment.month / 3)
  if (count === 3) return (moment) => `Q${of(moment)}`
  if (count === 4) return (moment) => quarterNames[of(moment) - 1] ?? ""
  if (count === 5) return (moment) => String(of(moment))
  return number(2, of)(count)
}

/** Fixed places, cut and not rounded. */
function fraction(count: number): DateField | undefined {
  if (count > fractionDigitsMax) return undefined
  return (moment) => String(moment.milliOfSecond).padStart(3, "0").padEnd(count, "0").slice(0, count)
}

/** The day periods of American English. */
function dayPeriod({ hour, minute }: LocalMoment, narrow: boolean): string {
  if (minute === 0 && hour === 0) return narrow ? "mi" : "midnight"
  if (minute === 0 && hour === 12) return narrow ? "n" : "noon"
  if (hour < 6 || hour >= 21) return "at night"
  if (hour < 12) return "in the morning"
  return hour < 18 ? "in the afternoon" : "in the evening"
}
