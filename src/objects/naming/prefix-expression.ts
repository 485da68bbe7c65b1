import { type DatePattern, parseDatePattern } from "./date-pattern.ts"

/** A prefix, read once: literal text and `!{namespace:value}` expressions in the order they were written. */
export type Prefix = readonly PrefixPart[]

export type PrefixPart =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "timestamp"; readonly pattern: DatePattern }
  | { readonly kind: "random-string" }
  | { readonly kind: "error-output-type" }
  /** `partitionKeyFromQuery`, `partitionKeyFromLambda`: a value that dynamic partitioning takes from the records. */
  | { readonly kind: "partition-key"; readonly from: "query" | "lambda"; readonly key: string }

export type ParsedPrefix =
  | { readonly kind: "parsed"; readonly prefix: Prefix }
  | { readonly kind: "refused"; readonly refusal: PrefixRefusal }

export type PrefixRefusal =
  /** An expression that is not closed, holds another one, has no colon, or no value that its namespace knows. */
  | { readonly kind: "usage" }
  | { readonly kind: "namespace"; readonly namespace: string }
  | { readonly kind: "date-pattern" }

/** Reads a prefix as it was configured: spec/s3.md, section 2. A text without `!{` is one literal. */
export function parsePrefix(text: string): ParsedPrefix {
  const parts: PrefixPart[] = []
  let position = 0
  for (;;) {
    const open = text.indexOf("!{", position)
    const literal = text.slice(position, open === -1 ? text.length : open)
    if (literal !== "") parts.push({ kind: "literal", text: literal })
    if (open === -1) return { kind: "parsed", prefix: parts }
    const close = text.indexOf("}", open)
    if (close === -1) return refused({ kind: "usage" })
    const part = parseExpression(text.slice(open + "!{".length, close))
    if (part.kind === "refused") return part
    parts.push(part)
    position = close + 1
  }
}

/** True when a prefix holds an expression of whatever kind. */
export function hasExpression(prefix: Prefix): boolean {
  return prefix.some((part) => part.kind !== "literal")
}

/** `inside` is what stands between `!{` and the next `}`. */
function parseExpression(inside: string): PrefixPart | (ParsedPrefix & { kind: "refused" }) {
  const colon = inside.indexOf(":")
  if (colon === -1 || inside.includes("!{")) return refused({ kind: "usage" })
  const namespace = inside.slice(0, colon)
  const value = inside.slice(colon + 1)
  switch (namespace) {
    case "timestamp": {
      const pattern = parseDatePattern(value)
      return pattern === undefined ? refused({ kind: "date-pattern" }) : { kind: "timestamp", pattern }
    }
    case "firehose":
      if (value === "random-string" || value === "error-output-type") return { kind: value }
      return refused({ kind: "usage" })
    case "partitionKeyFromQuery":
    case "partitionKeyFromLambda": {
      const from = namespace === "partitionKeyFromQuery" ? "query" : "lambda"
      return value === "" ? refused({ kind: "usage" }) : { kind: "partition-key", from, key: value }
    }
    default:
      return refused({ kind: "namespace", namespace })
  }
}

function refused(refusal: PrefixRefusal): ParsedPrefix & { kind: "refused" } {
  return { kind: "refused", refusal }
}
