/**
 * A number as jq 1.6 prints it: the fewest digits that stand for it, as JavaScript has them too, but with another idea of when to
 * write an exponent, and with two digits of it.
 */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0"
  // Most are whole, and too small for an exponent.
  if (Number.isSafeInteger(value)) return String(value)
  const [mantissa = "", exponentText = "0"] = clamped(value).toExponential().split("e")
  const exponent = Number(exponentText)
  const digitCount = mantissa.replace(/[-.]/g, "").length
  if (exponent < -4 || exponent + 1 > digitCount + 15) {
    const size = String(Math.abs(exponent)).padStart(2, "0")
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${size}`
  }
  return plain(mantissa.replace(".", ""), exponent)
}

/** Numbers beyond all are the largest one. */
function clamped(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))
}

/** Without an exponent: `digits` may begin with a minus, and the point is after the first of them and `exponent` more. */
function plain(digits: string, exponent: number): string {
  const [sign, all] = digits.startsWith("-") ? ["-", digits.slice(1)] : ["", digits]
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${all}`
  const whole = all.slice(0, exponent + 1).padEnd(exponent + 1, "0")
  const fraction = all.slice(exponent + 1)
  return sign + (fraction === "" ? whole : `${whole}.${fraction}`)
}
