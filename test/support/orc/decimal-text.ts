/** Decimals as statistics and Bloom filters have them: as text. */
import type { OrcDecimal } from "./orc-value.ts"

/** Without zeros at the end, as Hive writes it: `-12.3`, `0`. */
export function decimalText({ unscaled, scale }: OrcDecimal): string {
  const digits = `${unscaled < 0n ? -unscaled : unscaled}`.padStart(scale + 1, "0")
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "")
  return `${unscaled < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`
}

/** The unscaled value of a text, for this scale. */
export function parseDecimal(what: string, text: string, scale: number): bigint {
  const [, whole, fraction = ""] = /^(-?\d+)(?:\.(\d+))?$/.exec(text) ?? []
  const digits = fraction.replace(/0+$/, "")
  if (whole === undefined || digits.length > scale)
    throw new Error(`${what} is no decimal of the scale ${scale}: ${text}`)
  return BigInt(whole + digits.padEnd(scale, "0"))
}
