import { zoneNameRows } from "./zone-names.ts"

/** A time zone as java.time sees it. */
export interface TimeZone {
  /** As it was given: `Asia/Calcutta` stays that. */
  readonly id: string
  readonly names: ZoneNames
  /** Minutes east of UTC at an instant (no zone has had an offset with seconds since 1972). */
  offsetMinutes(instantMs: number): number
  isDaylightSaving(instantMs: number): boolean
}

export interface ZoneNames {
  readonly standard: ZoneName
  readonly daylight: ZoneName
  readonly generic: ZoneName
}

export interface ZoneName {
  readonly long: string
  readonly short: string
}

const namesById = readRows(zoneNameRows)

/** The ids that are taken, in no special order: spec/s3.md, appendix A. */
export const timeZoneIds: readonly string[] = [...namesById.keys()]

/** Zones that were asked for: at most as many as there are ids, and ICU takes time and memory to make one. */
const zones = new Map<string, TimeZone>()

/**
 * The zone of that id, which is case-sensitive; undefined when the service doesn't take it. With `anyOfIana` it may be any that
 * Node's own data have, whose names are then ICU's and not Java's: an extension beyond AWS.
 */
export function timeZone(id: string, { anyOfIana = false } = {}): TimeZone | undefined {
  const names = namesById.get(id) ?? (anyOfIana ? otherNames(id) : undefined)
  if (names === undefined) return undefined
  const zone = zones.get(id) ?? makeZone(id, names)
  zones.set(id, zone)
  return zone
}

/** What ICU calls a zone that the service does not take; undefined when there is none. Offsets such as +05:30 are none. */
function otherNames(id: string): ZoneNames | undefined {
  if (!/^[A-Za-z]/.test(id) || !isKnownToIntl(id)) return undefined
  const nameAt = (instantMs: number, kind: "" | "Generic"): ZoneName => {
    const format = (timeZoneName: "long" | "short" | "longGeneric" | "shortGeneric") =>
      zoneNameOf(new Intl.DateTimeFormat("en-US", { timeZone: id, timeZoneName }), instantMs)
    return { long: format(`long${kind}`), short: format(`short${kind}`) }
  }
  const [january, july] = [nameAt(Date.UTC(2026, 0, 1), ""), nameAt(Date.UTC(2026, 6, 1), "")]
  const [standard, daylight] = isDaylightName(january.long) ? [july, january] : [january, july]
  return { standard, daylight, generic: nameAt(0, "Generic") }
}

function isKnownToIntl(id: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: id }).resolvedOptions().timeZone !== ""
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Irish summer time is called a standard time. */
function isDaylightName(longName: string): boolean {
  return /Daylight|Summer|Irish Standard/.test(longName)
}

function makeZone(id: string, names: ZoneNames): TimeZone {
  const offsets = new Intl.DateTimeFormat("en-US", { timeZone: id, timeZoneName: "longOffset" })
  const longNames = new Intl.DateTimeFormat("en-US", { timeZone: id, timeZoneName: "long" })
  const offsetMinutes = (instantMs: number) => parseOffset(zoneNameOf(offsets, instantMs))
  const daylightOffset = daylightOffsetMinutes[id]
  return {
    id,
    names,
    offsetMinutes,
    isDaylightSaving(instantMs) {
      if (daylightOffset !== undefined) return offsetMinutes(instantMs) === daylightOffset
      // Intl tells it only by the name.
      return isDaylightName(zoneNameOf(longNames, instantMs))
    },
  }
}

/**
 * Where Intl has no name to tell daylight saving time by, and the offset that Java takes for it: Morocco's all year
 * except Ramadan, and Namibia's of today.
 */
const daylightOffsetMinutes: Readonly<Record<string, number>> = {
  "Africa/Casablanca": 60,
  "Africa/Windhoek": 120,
}

function zoneNameOf(format: Intl.DateTimeFormat, instantMs: number): string {
  return format.formatToParts(instantMs).find((part) => part.type === "timeZoneName")?.value ?? ""
}

/** `GMT`, `GMT+05:45`. */
function parseOffset(name: string): number {
  const found = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name)
  if (found === null) throw new Error(`Cannot read the offset of a time zone: Intl calls it "${name}"`)
  const [, sign, hours = "0", minutes = "0"] = found
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function readRows(rows: string): Map<string, ZoneNames> {
  const entries = rows
    .trim()
    .split("\n")
    .flatMap((row) => {
      const [texts = "", zones = ""] = row.split(": ")
      const [standard = "", generic = standard, daylight = standard] = texts.split(" / ")
      const names = { standard: readName(standard), generic: readName(generic), daylight: readName(daylight) }
      return zones.split(" ").map((id) => [id, names] as const)
    })
  return new Map(entries)
}

function readName(text: string): ZoneName {
  const space = text.lastIndexOf(" ")
  return { long: text.slice(0, space), short: text.slice(space + 1) }
}
