import assert from "node:assert/strict"
import { test } from "node:test"
import type { Random } from "../../platform/index.ts"
import { objectNaming } from "./object-naming.ts"
import { checkNaming, type NamingConfiguration } from "./read-naming.ts"

const uuid = "3f2a9c64-1b7d-4e58-9a02-6cde12345678"
const object = { streamName: "clicks", streamVersion: 3, instantMs: Date.parse("2026-07-13T14:05:06.789Z"), uuid }
const name = `clicks-3-2026-07-13-14-05-06-${uuid}`

test("a data key is the prefix, the stream, its version, the time of the oldest record, a UUID and the extension", () => {
  const cases: readonly (readonly [NamingConfiguration, string])[] = [
    [{}, `2026/07/13/14/${name}.gz`],
    [{ prefix: "" }, `2026/07/13/14/${name}.gz`],
    [{ prefix: "legacy" }, `legacy2026/07/13/14/${name}.gz`],
    [{ prefix: "logs/" }, `logs/2026/07/13/14/${name}.gz`],
    [withErrors("y=!{timestamp:yyyy}/"), `y=2026/${name}.gz`],
    [withErrors("!{timestamp:yyyy'/'MM'/'dd}/x-"), `2026/07/13/x-${name}.gz`],
    // Nothing is appended to an expression of whatever kind.
    [withErrors("!{firehose:random-string}/"), `random-0000/${name}.gz`],
    [withErrors("!{firehose:random-string}!{firehose:random-string}"), `random-0000random-0001${name}.gz`],
    [{ prefix: "p/", customTimeZone: "Asia/Calcutta" }, `p/2026/07/13/19/clicks-3-2026-07-13-19-35-06-${uuid}.gz`],
    [{ customTimeZone: "" }, `2026/07/13/14/${name}.gz`],
  ]
  for (const [configuration, key] of cases) {
    assert.equal(objectNaming(configuration).dataKey({ ...object, extension: ".gz" }, countingRandom()), key)
  }
})

test("an error key names why, after the error prefix or else the data prefix", () => {
  const cases: readonly (readonly [NamingConfiguration, string])[] = [
    [{}, `iceberg-failed/2026/07/13/14/${name}`],
    [{ prefix: "p/" }, `p/iceberg-failed/2026/07/13/14/${name}`],
    [{ prefix: "p/", errorOutputPrefix: "e-" }, `e-iceberg-failed/2026/07/13/14/${name}`],
    [{ prefix: "!{timestamp:yyyy}/", errorOutputPrefix: "e-" }, `e-iceberg-failed/2026/07/13/14/${name}`],
    [
      { errorOutputPrefix: "!{firehose:error-output-type}/!{timestamp:D}/!{firehose:error-output-type}" },
      `iceberg-failed/194/iceberg-failed${name}`,
    ],
  ]
  for (const [configuration, key] of cases) {
    assert.equal(objectNaming(configuration).errorKey(object, "iceberg-failed", countingRandom()), key)
  }
})

const wrapped = (text: string) => `Ths supplied prefix(es) do not satisfy the following constraint: ${text}`

test("what breaks a rule is told in the service's words", () => {
  const error = "!{firehose:error-output-type}/"
  const cases: readonly (readonly [NamingConfiguration, string | undefined])[] = [
    [{}, undefined],
    [{ prefix: "static", errorOutputPrefix: "static" }, undefined],
    [{ errorOutputPrefix: error }, undefined],
    [{ prefix: "!{timestamp:yyyy}", errorOutputPrefix: "static" }, undefined],
    [
      { prefix: "!{timestamp:yyyy}" },
      wrapped("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"),
    ],
    [
      { prefix: "!{timestamp:yyyy}", errorOutputPrefix: "" },
      wrapped("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"),
    ],
    [
      { errorOutputPrefix: "!{timestamp:yyyy}" },
      wrapped("ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}"),
    ],
    [
      { prefix: error, errorOutputPrefix: error },
      wrapped("Prefix must not contain any occurrence of !{firehose:error-output-type}"),
    ],
    ...["!{", "a!{timestamp:yyyy", "!{}", "!{timestamp}", "!{firehose:other}", "!{timestamp:!{timestamp:yyyy}}"].map(
      (prefix) => [{ prefix, errorOutputPrefix: error }, wrapped("Invalid expression usage")] as const,
    ),
    [withErrors("!{time:yyyy}"), wrapped("Namespace to the left of colon (time) is an invalid keyword!")],
    [withErrors("!{:yyyy}"), wrapped("Namespace to the left of colon () is an invalid keyword!")],
    [
      withErrors("!{timestamp:yyyy-b}"),
      wrapped("Invalid conversion character used in the value of the expression in Prefix"),
    ],
    [
      { errorOutputPrefix: "!{timestamp:j}" },
      wrapped("Invalid conversion character used in the value of the expression in ErrorOutputPrefix"),
    ],
    [
      { errorOutputPrefix: `${error}!{partitionKeyFromQuery:k}` },
      "Dynamic Partitioning Namespaces can't be part of an error prefix expression",
    ],
    [
      withErrors("!{partitionKeyFromLambda:k}"),
      "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.",
    ],
    ...["Asia/Kolkata", "EST", "Etc/UTC", "utc", "Nowhere"].map(
      (customTimeZone) =>
        [
          { customTimeZone },
          "Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time zones.",
        ] as const,
    ),
  ]
  for (const [configuration, message] of cases) assert.equal(checkNaming(configuration), message)
})

test("an evaluated prefix holds at most 512 characters", () => {
  const tooLong = wrapped("Length of evaluated prefix cannot be greater than 512")
  // The time path takes 14, a random string 11.
  assert.equal(checkNaming({ prefix: "x".repeat(498) }), undefined)
  assert.equal(checkNaming({ prefix: "x".repeat(499) }), tooLong)
  assert.equal(checkNaming(withErrors(`!{firehose:random-string}${"x".repeat(501)}`)), undefined)
  assert.equal(checkNaming(withErrors(`!{firehose:random-string}${"x".repeat(502)}`)), tooLong)
  assert.equal(checkNaming(withErrors("!{timestamp:EEEE}".repeat(57))), tooLong)
})

test("an evaluated error prefix holds at most 512 characters with the longest error output type", () => {
  const errorOutputPrefix = (length: number) => `!{firehose:error-output-type}${"x".repeat(length)}`
  assert.equal(checkNaming({ errorOutputPrefix: errorOutputPrefix(482) }), undefined)
  assert.equal(
    checkNaming({ errorOutputPrefix: errorOutputPrefix(483) }),
    wrapped("Length of evaluated ErrorOutputPrefix cannot be greater than 512"),
  )
})

function withErrors(prefix: string): NamingConfiguration {
  return { prefix, errorOutputPrefix: "!{firehose:error-output-type}/" }
}

/** Its UUIDs begin with `random-0000`, `random-0001`, ... */
function countingRandom(): Random {
  let count = 0
  return {
    uuid: () => `random-${String(count++).padStart(4, "0")}-not-used`,
    bytes: (size) => Buffer.alloc(size),
    fraction: () => 0,
  }
}

test("a record's partition is the prefix, evaluated with its keys and its arrival; random strings are drawn for each object", () => {
  const prefix =
    "c=!{partitionKeyFromQuery:customer}/!{firehose:random-string}/!{timestamp:yyyy}/d=!{partitionKeyFromLambda:device}/"
  const naming = objectNaming({ ...withErrors(prefix), isPartitioned: true })
  const keys = { query: { customer: "a/b" }, lambda: { device: "42", unused: "x" } }
  const outcome = naming.partitionOf(keys, object.instantMs)
  assert.deepEqual(outcome, { kind: "partition", partition: ["c=a/b/", "/2026/d=42/"] })
  const key = naming.partitionedKey({ ...object, extension: ".gz" }, ["c=a/b/", "/2026/d=42/"], countingRandom())
  assert.equal(key, `c=a/b/random-0000/2026/d=42/${name}.gz`)
})

test("a record without a value for each key, or with too long ones, is in no partition", () => {
  const naming = objectNaming({ ...withErrors("!{partitionKeyFromQuery:toString}/"), isPartitioned: true })
  const none = { kind: "none", message: "partitionKeys values must not be null or empty" }
  for (const keys of [{}, { query: {} }, { query: { toString: "" } }, { lambda: { toString: "x" } }]) {
    assert.deepEqual(naming.partitionOf(keys, 0), none)
  }
  const outcome = naming.partitionOf({ query: { toString: "x".repeat(512) } }, 0)
  assert.deepEqual(outcome, { kind: "none", message: "Length of evaluated prefix cannot be greater than 512" })
})

test("partition namespaces need dynamic partitioning, and it needs them", () => {
  const partitioned = withErrors("!{partitionKeyFromLambda:k}/")
  assert.equal(checkNaming({ ...partitioned, isPartitioned: true }), undefined)
  assert.equal(
    checkNaming(partitioned),
    "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.",
  )
  assert.equal(
    checkNaming({ ...withErrors("!{timestamp:yyyy}/"), isPartitioned: true }),
    "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled",
  )
})

test("any time zone of IANA's is taken where that is allowed, and only there", () => {
  const key = (customTimeZone: string) =>
    objectNaming({ customTimeZone, isAnyTimeZone: true }).dataKey({ ...object, extension: "" }, countingRandom())
  assert.equal(key("Asia/Kolkata"), `2026/07/13/19/clicks-3-2026-07-13-19-35-06-${uuid}`)
  assert.equal(key("Europe/Kyiv"), `2026/07/13/17/clicks-3-2026-07-13-17-05-06-${uuid}`)
  const named = objectNaming({
    ...withErrors("!{timestamp:zzzz}/"),
    customTimeZone: "Asia/Kolkata",
    isAnyTimeZone: true,
  })
  assert.equal(named.dataKey({ ...object, extension: "" }, countingRandom()).split("/")[0], "India Standard Time")
  for (const customTimeZone of ["Mars/Olympus", "+05:30", "Asia/kolkata-2"]) {
    assert.match(checkNaming({ customTimeZone, isAnyTimeZone: true }) ?? "", /not supported/)
  }
  assert.match(checkNaming({ customTimeZone: "Asia/Kolkata" }) ?? "", /not supported/)
})
