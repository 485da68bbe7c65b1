/** Numbers as people read them. */

const counts = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })

/** 1234567 → "1,234,567" */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** "1 record", "2 records", "1,706 records" */
export function formatCounted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`
}

const byteUnits = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const

/** 1536 → "1.5 KiB" */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // 1023.95 would be rounded to "1024.0" of its unit.
  while (value >= 1023.95 && unit < byteUnits.length - 1) {
    value /= 1024
    unit += 1
  }
  return unit === 0 ? `${bytes} ${bytes === 1 ? "byte" : "bytes"}` : `${value.toFixed(1)} ${byteUnits[unit]}`
}

/** 0.042 → "0.04 s", 90 → "1 min 30 s", 90061 → "1 d 1 h" */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`
  const whole = Math.round(seconds)
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3_600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const
  const first = parts.findIndex(([value]) => value > 0)
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ")
}
