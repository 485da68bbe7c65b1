import {
  errorOutputTypes,
  evaluateDataPrefix,
  evaluateErrorPrefix,
  type PrefixFacts,
  type PrefixPair,
} from "./evaluate-prefix.ts"
import { hasExpression, type Prefix, type PrefixPart, type PrefixRefusal, parsePrefix } from "./prefix-expression.ts"
import { type TimeZone, timeZone } from "./time-zone.ts"

/** How objects shall be called, as it is configured. An empty text is the same as an absent one. */
export interface NamingConfiguration {
  readonly prefix?: string | undefined
  readonly errorOutputPrefix?: string | undefined
  /** UTC when absent. */
  readonly customTimeZone?: string | undefined
  /** Whether the zone may be any of IANA's, which goes beyond AWS; it may not when absent. */
  readonly isAnyTimeZone?: boolean | undefined
  /** Whether dynamic partitioning is on; it is not when absent. */
  readonly isPartitioned?: boolean | undefined
}

export type ReadNaming =
  | { readonly kind: "read"; readonly prefixes: PrefixPair; readonly zone: TimeZone }
  /** `message` is the text of the InvalidArgumentException. */
  | { readonly kind: "refused"; readonly message: string }

/** Characters of `!{firehose:random-string}`. */
export const randomStringLength = 11

/** Characters of an evaluated prefix. */
export const evaluatedLengthMax = 512

/** What is wrong with a configuration, as the text of an InvalidArgumentException; undefined when nothing is. */
export function checkNaming(configuration: NamingConfiguration): string | undefined {
  const naming = readNaming(configuration)
  return naming.kind === "refused" ? naming.message : undefined
}

/** The keys of `!{partitionKeyFromQuery:...}` in a prefix; none in one that is refused. */
export function queryKeysOf(prefix: string | undefined): ReadonlySet<string> {
  const parsed = parsePrefix(prefix ?? "")
  if (parsed.kind === "refused") return new Set()
  return new Set(
    parsed.prefix.flatMap((part) => (part.kind === "partition-key" && part.from === "query" ? part.key : [])),
  )
}

/** Reads prefixes and time zone, and holds them against each other: spec/s3.md, section 2. The first problem is told. */
export function readNaming(configuration: NamingConfiguration): ReadNaming {
  const { prefix, errorOutputPrefix, customTimeZone, isAnyTimeZone = false, isPartitioned = false } = configuration
  const zone = timeZone(customTimeZone || "UTC", { anyOfIana: isAnyTimeZone })
  if (zone === undefined) return { kind: "refused", message: zoneMessage }
  const data = readPrefix(prefix, "Prefix")
  if (data.kind === "refused") return data
  const error = readPrefix(errorOutputPrefix, "ErrorOutputPrefix")
  if (error.kind === "refused") return error
  const prefixes = { prefix: data.prefix, errorOutputPrefix: error.prefix }
  const message = ruleBroken(prefixes, isPartitioned) ?? lengthBroken(prefixes, zone)
  return message === undefined ? { kind: "read", prefixes, zone } : { kind: "refused", message }
}

const zoneMessage =
  "Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time zones."

function readPrefix(text: string | undefined, member: PrefixMember) {
  if (text === undefined || text === "") return { kind: "read", prefix: undefined } as const
  const parsed = parsePrefix(text)
  if (parsed.kind === "parsed") return { kind: "read", prefix: parsed.prefix } as const
  return { kind: "refused", message: constraint(refusalText(parsed.refusal, member)) } as const
}

type PrefixMember = "Prefix" | "ErrorOutputPrefix"

function refusalText(refusal: PrefixRefusal, member: PrefixMember): string {
  switch (refusal.kind) {
    case "usage":
      return "Invalid expression usage"
    case "namespace":
      return `Namespace to the left of colon (${refusal.namespace}) is an invalid keyword!`
    case "date-pattern":
      return `Invalid conversion character used in the value of the expression in ${member}`
  }
}

/** The rules of the two prefixes. */
function ruleBroken({ prefix = [], errorOutputPrefix = [] }: PrefixPair, isPartitioned: boolean): string | undefined {
  if (holds(errorOutputPrefix, "partition-key")) {
    return "Dynamic Partitioning Namespaces can't be part of an error prefix expression"
  }
  if (isPartitioned && !holds(prefix, "partition-key")) {
    return "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled"
  }
  if (!isPartitioned && holds(prefix, "partition-key")) {
    return "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled."
  }
  if (holds(prefix, "error-output-type")) {
    return constraint("Prefix must not contain any occurrence of !{firehose:error-output-type}")
  }
  if (hasExpression(prefix) && errorOutputPrefix.length === 0) {
    return constraint("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions")
  }
  if (hasExpression(errorOutputPrefix) && !holds(errorOutputPrefix, "error-output-type")) {
    return constraint("ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}")
  }
  return undefined
}

function lengthBroken(prefixes: PrefixPair, zone: TimeZone): string | undefined {
  const facts: PrefixFacts = { instantMs: longTextsMs, zone, randomString: () => "x".repeat(randomStringLength) }
  if (evaluateDataPrefix(prefixes, facts).length > evaluatedLengthMax) {
    return constraint(`Length of evaluated prefix cannot be greater than ${evaluatedLengthMax}`)
  }
  if (prefixes.errorOutputPrefix === undefined) return undefined
  if (errorOutputTypes.some((type) => evaluateErrorPrefix(prefixes, type, facts).length > evaluatedLengthMax)) {
    return constraint(`Length of evaluated ErrorOutputPrefix cannot be greater than ${evaluatedLengthMax}`)
  }
  return undefined
}

/** A Wednesday in September, in the afternoon: of all moments, one whose names are longest (in UTC). */
const longTextsMs = Date.UTC(2026, 8, 30, 12, 59, 59, 999)

function holds(prefix: Prefix, kind: PrefixPart["kind"]): boolean {
  return prefix.some((part) => part.kind === kind)
}

/**
 * The service wraps what it says of prefixes, with this spelling; so it was seen for several of these texts. What it says
 * of dynamic partitioning was seen without.
 */
function constraint(text: string): string {
  return `Ths supplied prefix(es) do not satisfy the following constraint: ${text}`
}
