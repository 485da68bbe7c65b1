import type { TimeZone } from "./time-zone.ts"

/** An instant as the calendar and the clock of a time zone show it. */
export interface LocalMoment {
  readonly instantMs: number
  readonly zone: TimeZone
  readonly offsetMinutes: number
  /** Days since 1970-01-01. */
  readonly epochDay: number
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly dayOfMonth: number
  /** 1 to 366. */
  readonly dayOfYear: number
  /** 1 is Sunday: the week of the United States begins with it. */
  readonly dayOfWeek: number
  /** The year that the week belongs to: week 1 is the one that holds 1 January (United States). */
  readonly weekBasedYear: number
  readonly weekOfWeekBasedYear: number
  readonly weekOfMonth: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly milliOfSecond: number
  readonly milliOfDay: number
}

const dayMs = 86_400_000

/** What clock and calendar of `zone` show at `instantMs` (milliseconds since the epoch). */
export function localMoment(instantMs: number, zone: TimeZone): LocalMoment {
  const offsetMinutes = zone.offsetMinutes(instantMs)
  const localMs = instantMs + offsetMinutes * 60_000
  const epochDay = Math.floor(localMs / dayMs)
  // A date whose UTC fields are the local ones.
  const date = new Date(localMs)
  const year = date.getUTCFullYear()
  const dayOfMonth = date.getUTCDate()
  const firstDay = epochDayOf(year)
  const nextFirstDay = epochDayOf(year + 1)
  const sunday = epochDay - date.getUTCDay()
  const endsInNextYear = sunday + 6 >= nextFirstDay
  return {
    instantMs,
    zone,
    offsetMinutes,
    epochDay,
    year,
    month: date.getUTCMonth() + 1,
    dayOfMonth,
    dayOfYear: epochDay - firstDay + 1,
    dayOfWeek: date.getUTCDay() + 1,
    weekBasedYear: endsInNextYear ? year + 1 : year,
    weekOfWeekBasedYear: endsInNextYear ? 1 : weekNumber(epochDay, firstDay),
    weekOfMonth: weekNumber(epochDay, epochDay - dayOfMonth + 1),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    milliOfSecond: date.getUTCMilliseconds(),
    milliOfDay: localMs - epochDay * dayMs,
  }
}

/** The epoch day of 1 January. */
function epochDayOf(year: number): number {
  return Date.UTC(year, 0, 1) / dayMs
}

/** Which week from the one that holds `firstDay` on, counting from 1, when weeks begin on Sunday. */
function weekNumber(epochDay: number, firstDay: number): number {
  return weekOf(epochDay) - weekOf(firstDay) + 1
}

/** 1970-01-01 was a Thursday: the Sunday before it is day -4. */
function weekOf(epochDay: number): number {
  return Math.floor((epochDay + 4) / 7)
}
