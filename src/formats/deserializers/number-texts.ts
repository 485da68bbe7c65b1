/** Numbers from texts as Java's classes read them: what stands in quotes, and what is too long for the quick way. */

/** As OpenX reads an integer: decimal with or without a sign, or hexadecimal after `0x`. Undefined if it is none. */
export function integerOf(text: string): bigint | undefined {
  const [, sign, digits] = /^([+-]?)(\d+|0[xX][0-9a-fA-F]+)$/.exec(text) ?? []
  if (digits === undefined || digits.length > integerDigitsMax) return undefined
  return sign === "-" ? -BigInt(digits) : BigInt(digits)
}

/** More digits than an integer of 64 bits has, and zeros before them, cost time that grows with their square. */
const integerDigitsMax = 64

/**
 * As Double.parseDouble reads it, but for hexadecimal fractions: `NaN` and `Infinity` by name, spaces around it, `d` or `f` behind
 * it. Undefined if it is none, or if it is so large that infinity would take its place.
 */
export function doubleOf(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^[+-]?NaN$/.test(trimmed)) return Number.NaN
  const [, sign, name] = /^([+-]?)(Infinity)$/.exec(trimmed) ?? []
  if (name !== undefined) return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const [, digits] = doublePattern.exec(trimmed) ?? []
  if (digits === undefined) return undefined
  const value = Number(digits)
  return Number.isFinite(value) ? value : undefined
}

/** Digits can be taken in one way only. With two, the time to see that a long text is none would grow with its square. */
const doublePattern = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)[dDfF]?$/

/**
 * As BigDecimal reads it, rounded half up to `scale` digits behind the point: the value times 10 to the power of `scale`. Undefined
 * if it is none, or has more than `precision` digits then.
 */
export function decimalOf(text: string, precision: number, scale: number): bigint | undefined {
  const [, sign, whole = "", fraction = "", power = "0"] = decimalPattern.exec(text) ?? []
  if (sign === undefined || whole.length + fraction.length === 0) return undefined
  const digits = (whole + fraction).replace(/^0+/, "")
  if (digits === "") return 0n
  /** Digits before the point of the scaled value. */
  const digitCount = digits.length + Number(power) - fraction.length + scale
  if (digitCount > precision) return undefined
  if (digitCount < 0) return 0n
  const kept = BigInt(digits.slice(0, digitCount).padEnd(digitCount, "0"))
  const size = (digits[digitCount] ?? "0") >= "5" ? kept + 1n : kept
  if (size >= 10n ** BigInt(precision)) return undefined
  return sign === "-" ? -size : size
}

const decimalPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/
