import type { LocalMoment } from "./local-moment.ts"

/** What a zone is called at a moment: `PDT`, `Pacific Daylight Time`, or whatever the season `PT`, `Pacific Time`. */
export function zoneName({ zone, instantMs }: LocalMoment, style: { generic: boolean; long: boolean }): string {
  const season = zone.isDaylightSaving(instantMs) ? zone.names.daylight : zone.names.standard
  const name = style.generic ? zone.names.generic : season
  return style.long ? name.long : name.short
}

/** `GMT+5:45`, or long `GMT+05:45`. */
export function localizedOffset({ offsetMinutes }: LocalMoment, { long }: { long: boolean }): string {
  if (offsetMinutes === 0) return "GMT"
  const { sign, hours, minutes } = split(offsetMinutes)
  if (long) return `GMT${sign}${twoDigits(hours)}:${twoDigits(minutes)}`
  return minutes === 0 ? `GMT${sign}${hours}` : `GMT${sign}${hours}:${twoDigits(minutes)}`
}

/** The offset in a form of ISO 8601, where `mm` means only when they are not zero; `zero` is what UTC is written as. */
export function isoOffset(
  { offsetMinutes }: LocalMoment,
  { form, zero }: { form: "+HHmm" | "+HHMM" | "+HH:MM"; zero: string },
): string {
  if (offsetMinutes === 0) return zero
  const { sign, hours, minutes } = split(offsetMinutes)
  const start = `${sign}${twoDigits(hours)}`
  switch (form) {
    case "+HHmm":
      return minutes === 0 ? start : `${start}${twoDigits(minutes)}`
    case "+HHMM":
      return `${start}${twoDigits(minutes)}`
    case "+HH:MM":
      return `${start}:${twoDigits(minutes)}`
  }
}

function split(offsetMinutes: number) {
  const absolute = Math.abs(offsetMinutes)
  return { sign: offsetMinutes < 0 ? "-" : "+", hours: Math.floor(absolute / 60), minutes: absolute % 60 }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0")
}
