import assert from "node:assert/strict"
import { knownDatePattern } from "./date-pattern.ts"
import { hasExpression, type Prefix, type PrefixPart } from "./prefix-expression.ts"
import type { TimeZone } from "./time-zone.ts"

/** Why records ended up in the error output: spec/s3.md, section 3. */
export const errorOutputTypes = [
  "format-conversion-failed",
  "processing-failed",
  "format-conversion-failed",
  "AmazonOpenSearchService-failed",
  "splunk-failed",
  "http-endpoint-failed",
  "snowflake-failed",
  "iceberg-failed",
  "decompression-failed",
  "activePartitionExceeded",
  "metadata-extraction-failed",
] as const
export type ErrorOutputType = (typeof errorOutputTypes)[number]

/** What the expressions of one key are evaluated with. */
export interface PrefixFacts {
  /** The same for every timestamp of a key: when the oldest record of the object arrived. */
  readonly instantMs: number
  readonly zone: TimeZone
  /** Called for each occurrence of `!{firehose:random-string}`. */
  randomString(): string
  /** The value of a partition key; undefined when the record has none. */
  partitionKey?(from: "query" | "lambda", key: string): string | undefined
}

/** The prefixes of a destination, read. An empty prefix is none: undefined. */
export interface PrefixPair {
  readonly prefix: Prefix | undefined
  readonly errorOutputPrefix: Prefix | undefined
}

/**
 * The prefix of an object with data. The time path follows a literal directly and is left out once there is any
 * expression, as was measured, though AWS's guide asks for one with a timestamp: spec/s3.md, section 1.
 */
export function evaluateDataPrefix({ prefix }: PrefixPair, facts: PrefixFacts): string {
  const start = evaluate(prefix ?? [], facts)
  return prefix !== undefined && hasExpression(prefix) ? start : start + timePath(facts)
}

/** The prefix of an object with failed records. The data prefix counts where there is no error prefix. */
export function evaluateErrorPrefix(
  { prefix, errorOutputPrefix }: PrefixPair,
  type: ErrorOutputType,
  facts: PrefixFacts,
): string {
  const start = evaluate(errorOutputPrefix ?? prefix ?? [], facts, type)
  if (errorOutputPrefix !== undefined && hasExpression(errorOutputPrefix)) return start
  return `${start}${type}/${timePath(facts)}`
}

function evaluate(prefix: Prefix, facts: PrefixFacts, type?: ErrorOutputType): string {
  return prefix.map((part) => evaluatePart(part, facts, type)).join("")
}

function evaluatePart(part: PrefixPart, facts: PrefixFacts, type: ErrorOutputType | undefined): string {
  switch (part.kind) {
    case "literal":
      return part.text
    case "timestamp":
      return part.pattern.format(facts.instantMs, facts.zone)
    case "random-string":
      return facts.randomString()
    case "error-output-type":
      assert(type !== undefined, "A data prefix with an error output type is refused when it is configured")
      return type
    case "partition-key":
      return facts.partitionKey?.(part.from, part.key) ?? ""
  }
}

const hourPath = knownDatePattern("yyyy/MM/dd/HH/")

function timePath({ instantMs, zone }: PrefixFacts): string {
  return hourPath.format(instantMs, zone)
}
