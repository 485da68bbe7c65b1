/** Object keys as examples: what docs/s3.md shows is what the program makes of them. */
import { checkNaming, objectNaming } from "../../src/objects/naming/index.ts"
import { code, table } from "./markdown.ts"

const uuid = "5c0ffee5-1d2e-4f3a-8b4c-0123456789ab"
/** The moment of every example. In the page it is told in words. */
const instantMs = Date.parse("2026-11-22T23:07:09.042Z")
const errorOutputPrefix = "errors/!{firehose:error-output-type}/"
const random = { fraction: () => 0.5, uuid: () => "046b6c7f-0b1a-4e7e-9c3d-5f2a61b7c8d9", bytes: Buffer.alloc }

const prefixes: readonly { readonly prefix: string; readonly zone?: string }[] = [
  { prefix: "" },
  { prefix: "orders" },
  { prefix: "orders/" },
  { prefix: "orders/", zone: "Asia/Tokyo" },
  { prefix: "orders/!{timestamp:yyyy/MM/dd}/" },
  { prefix: "orders/!{timestamp:yyyy/MM/dd/HH}/", zone: "America/New_York" },
  { prefix: "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/" },
  { prefix: "orders/!{timestamp:yyyy-MM-dd'T'HH}/" },
  { prefix: "!{firehose:random-string}/orders/" },
]

export function keyExamples(): string {
  const rows = prefixes.map(({ prefix, zone = "" }) => {
    const naming = objectNaming({ prefix, errorOutputPrefix, customTimeZone: zone })
    const key = naming.dataKey(
      { streamName: "orders", streamVersion: 1, instantMs, uuid: "UUID", extension: ".gz" },
      random,
    )
    return [prefix === "" ? "none" : code(prefix), zone === "" ? "UTC" : code(zone), code(key)]
  })
  return table(["`Prefix`", "`CustomTimeZone`", "key"], rows)
}

const patterns: readonly (readonly [pattern: string, meaning: string])[] = [
  ["yyyy", "year"],
  ["MM", "month; `MMM` and `MMMM` are its name"],
  ["dd", "day of the month"],
  ["DDD", "day of the year"],
  ["HH", "hour, 00 to 23; `hh` is 01 to 12"],
  ["mm", "minute"],
  ["ss", "second"],
  ["SSS", "fraction of the second"],
  ["EEE", "day of the week"],
  ["a", "AM or PM"],
  ["YYYY-'W'ww", "week and the year that it belongs to; weeks begin on Sunday. Not for dates: use `yyyy`"],
  ["xxx", "offset from UTC; `VV` is the zone's name"],
]

export function datePatterns(): string {
  const rows = patterns.map(([pattern, meaning]) => {
    const naming = objectNaming({ prefix: `!{timestamp:${pattern}}`, errorOutputPrefix })
    const key = naming.dataKey({ streamName: "-", streamVersion: 1, instantMs, uuid, extension: "" }, random)
    return [code(pattern), meaning, code(key.slice(0, key.indexOf("--1-")))]
  })
  return table(["pattern", "", "in the example"], rows)
}

const refused: readonly { readonly what: string; readonly given: Parameters<typeof checkNaming>[0] }[] = [
  { what: "an expression in `Prefix` and no `ErrorOutputPrefix`", given: { prefix: "!{timestamp:yyyy}/" } },
  {
    what: "an `ErrorOutputPrefix` with expressions, none of them `!{firehose:error-output-type}`",
    given: { errorOutputPrefix: "errors/!{timestamp:yyyy}/" },
  },
  {
    what: "`!{firehose:error-output-type}` in `Prefix`",
    given: { prefix: "!{firehose:error-output-type}/", errorOutputPrefix },
  },
  { what: "`!{partitionKeyFromQuery:customer}`", given: { prefix: "!{partitionKeyFromQuery:customer}/" } },
  { what: "`!{timestamp:yyyy` (not closed), `!{timestamp}`", given: { prefix: "!{timestamp:yyyy", errorOutputPrefix } },
  { what: "`!{time:yyyy}`", given: { prefix: "!{time:yyyy}/", errorOutputPrefix } },
  { what: "`!{timestamp:bb}`: a letter that is none", given: { prefix: "!{timestamp:bb}/", errorOutputPrefix } },
  { what: "`CustomTimeZone` `Asia/Kolkata`, `EST`, `Etc/UTC`", given: { customTimeZone: "Asia/Kolkata" } },
  { what: "a prefix that may come out longer than 512 characters", given: { prefix: "x".repeat(513) } },
]

export function refusedPrefixes(): string {
  return table(
    ["given", "answer"],
    refused.map(({ what, given }) => [what, code(checkNaming(given) ?? "accepted")]),
  )
}
