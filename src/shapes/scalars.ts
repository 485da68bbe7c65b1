import type { Shape } from "./shape.ts"

export interface StringLimits {
  /** Characters, not bytes. */
  readonly lengthMin?: number
  readonly lengthMax?: number
  /** Must match the whole value. In Java's dialect, as the service model writes it. */
  readonly pattern?: string
}

export interface StringShape extends Shape<string> {
  readonly kind: "string"
  readonly limits: StringLimits
}

/** A text within its limits. */
export function string(doc: string, limits: StringLimits = {}): StringShape {
  const pattern = limits.pattern === undefined ? undefined : wholeMatch(limits.pattern)
  return {
    kind: "string",
    doc,
    sensitive: false,
    limits,
    read(value, path, problems) {
      if (typeof value !== "string") return problems.type(path, unexpected(value, "String"))
      const shown = this.sensitive ? undefined : value
      const { lengthMin = 0, lengthMax = Number.POSITIVE_INFINITY } = limits
      if (value.length < lengthMin) problems.constraint(path, shown, lengthAtLeast(lengthMin))
      if (value.length > lengthMax) problems.constraint(path, shown, lengthAtMost(lengthMax))
      if (pattern !== undefined && !pattern.test(value)) {
        problems.constraint(path, shown, `Member must satisfy regular expression pattern: ${limits.pattern}`)
      }
      return value
    },
  }
}

export interface EnumerationShape<T extends string> extends Shape<T> {
  readonly kind: "string"
  readonly values: readonly T[]
}

/**
 * One of a few words, case-sensitive. The order of `values` is the one of AWS's message; what is not taken is told with
 * all of them.
 */
export function enumeration<const T extends string>(doc: string, values: readonly T[]): EnumerationShape<T> {
  return {
    kind: "string",
    doc,
    sensitive: false,
    values,
    read(value, path, problems) {
      if (typeof value !== "string") return problems.type(path, unexpected(value, "String"))
      const known = values.find((one) => one === value)
      if (known !== undefined) return known
      const shown = this.sensitive ? undefined : value
      return problems.constraint(path, shown, `Member must satisfy enum value set: [${values.join(", ")}]`)
    },
  }
}

export interface RangeLimits {
  readonly min?: number
  readonly max?: number
}

export interface NumberShape extends Shape<number> {
  readonly kind: "integer" | "double"
  readonly limits: RangeLimits
}

/** A whole number; a fraction is cut off, as AWS does (spec/api.md, section 1.5). */
export function integer(doc: string, limits: RangeLimits = {}): NumberShape {
  return numeric("integer", "Integer", doc, limits, Math.floor)
}

export function double(doc: string, limits: RangeLimits = {}): NumberShape {
  return numeric("double", "Double", doc, limits, (value) => value)
}

function numeric(
  kind: "integer" | "double",
  javaType: string,
  doc: string,
  limits: RangeLimits,
  convert: (value: number) => number,
): NumberShape {
  return {
    kind,
    doc,
    sensitive: false,
    limits,
    read(value, path, problems) {
      if (typeof value !== "number") return problems.type(path, unexpected(value, javaType))
      const converted = convert(value)
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = limits
      if (converted < min) {
        problems.constraint(path, String(converted), `Member must have value greater than or equal to ${min}`)
      }
      if (converted > max) {
        problems.constraint(path, String(converted), `Member must have value less than or equal to ${max}`)
      }
      return converted
    },
  }
}

export function boolean(doc: string): Shape<boolean> {
  return {
    kind: "boolean",
    doc,
    sensitive: false,
    read(value, path, problems) {
      if (typeof value === "boolean") return value
      if (typeof value === "string") {
        return problems.type(path, `'${value.toUpperCase()}' can not be converted to an Boolean`)
      }
      return problems.type(path, unexpected(value, "Boolean"))
    },
  }
}

/** A moment, in seconds since the epoch with a fraction; read as milliseconds. */
export function timestamp(doc: string): Shape<number> {
  return {
    kind: "timestamp",
    doc,
    sensitive: false,
    read(value, path, problems) {
      if (typeof value !== "number") return problems.type(path, unexpected(value, "Double"))
      return Math.round(value * 1000)
    },
  }
}

export function lengthAtLeast(length: number): string {
  return `Member must have length greater than or equal to ${length}`
}

export function lengthAtMost(length: number): string {
  return `Member must have length less than or equal to ${length}`
}

/** What AWS says of a JSON value where a scalar of Java's type `expected` belongs: spec/api.md, section 1.5. */
export function unexpected(value: unknown, expected: string): string {
  const article = expected === "Blob" ? "a" : "an"
  if (Array.isArray(value)) return "Start of list found where not expected"
  switch (typeof value) {
    case "number":
      return `class java.math.BigDecimal can not be converted to ${article} ${expected}`
    case "boolean":
      return `class java.lang.Boolean can not be converted to ${article} ${expected}`
    case "string":
      return `class java.lang.String can not be converted to ${article} ${expected}`
    default:
      return "Start of structure or map found where not expected."
  }
}

/**
 * The pattern as a whole match. Java's `\p{L}` needs JavaScript's `u` flag; a pattern with an escape that `u` forbids
 * (`\_`) is compiled without.
 */
function wholeMatch(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, "u")
  } catch {
    // Only the flag can be refused here: the same pattern must compile without it, or this throws at start-up.
    return new RegExp(`^(?:${pattern})$`)
  }
}
