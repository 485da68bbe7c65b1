/** The tables under docs/ that are made from the code's own declarations, so that page and program cannot part. */
import { type Setting, settings } from "../../src/config/index.ts"
import { compressions } from "../../src/formats/index.ts"
import { failureMessages } from "../../src/functions/failures.ts"
import { counters, events, gauges, latencies } from "../../src/observe/metrics.ts"
import { prometheusName } from "../../src/observe/prometheus.ts"
import { answerFailures } from "../../src/processors/lambda/lambda-answer.ts"
import { datePatterns, keyExamples, refusedPrefixes } from "./key-examples.ts"
import { code, table } from "./markdown.ts"

const tables: Readonly<Record<string, () => string>> = {
  settings: settingsTable,
  metrics: metricsTable,
  latencies: latenciesTable,
  compressions: compressionsTable,
  keys: keyExamples,
  "lambda-codes": lambdaCodesTable,
  "date-patterns": datePatterns,
  "refused-prefixes": refusedPrefixes,
}

/** A page with each of its generated tables made anew: what stands between the two comments. */
export function withTables(page: string): string {
  return page.replace(/(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)/gs, (_, begin, name, end) => {
    const make = tables[String(name)]
    if (make === undefined) throw new Error(`There is no table called "${name}"`)
    return `${begin}${make()}\n${end}`
  })
}

function settingsTable(): string {
  const rows = Object.values<Setting<unknown, unknown>>(settings).map((setting) => [
    code(setting.name),
    setting.variables.map(code).join(", "),
    setting.default === undefined ? "none" : withUnit(setting.name, setting.default),
    setting.expected,
    setting.shape.doc,
  ])
  return table(["setting", "variable", "default", "takes", "what it does"], rows)
}

/** Nobody reads 67108864 as 64 MiB at a glance. */
function withUnit(name: string, value: unknown): string {
  const isBytes = /-bytes(-|$)/.test(name) && typeof value === "number"
  return isBytes ? `${code(String(value))} (${value / 1024 / 1024} MiB)` : code(String(value))
}

function metricsTable(): string {
  const row = (name: string, exposed: string, doc: string) => [
    code(exposed),
    name.startsWith("Hydrant.") ? "none" : code(name),
    doc,
  ]
  return table(
    ["metric", "in CloudWatch", "what it says"],
    [
      ...Object.entries(counters).map(([name, doc]) => row(name, `${prometheusName(name)}_total`, doc)),
      ...Object.entries(events).map(([name, doc]) => row(name, `${prometheusName(name)}_total`, doc)),
      ...Object.entries(gauges).map(([name, doc]) => row(name, prometheusName(name), doc)),
    ],
  )
}

function latenciesTable(): string {
  const rows = Object.entries(latencies).map(([name, doc]) => [
    code(`${prometheusName(name)}_seconds`),
    code(name),
    doc,
  ])
  return table(["histogram", "in CloudWatch", "what it says"], rows)
}

function compressionsTable(): string {
  const rows = compressions.map(({ name, extension, contentEncoding }) => [
    code(name),
    extension === "" ? "nothing" : code(extension),
    contentEncoding === undefined ? "none" : code(contentEncoding),
  ])
  return table(["`CompressionFormat`", "the key ends with", "`Content-Encoding`"], rows)
}

function lambdaCodesTable(): string {
  const ofInvocations = Object.entries(failureMessages).map(([code, message]) => ({ code, message, isRetried: true }))
  const ofAnswers = Object.values(answerFailures).map((failure) => ({ ...failure, isRetried: false }))
  const rows = [...ofInvocations, ...ofAnswers].map((failure) => [
    code(failure.code),
    failure.isRetried ? "yes" : "no",
    failure.message,
  ])
  return table(["error code", "tried again", "message"], rows)
}
