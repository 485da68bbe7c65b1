/**
 * The pages under docs/ say what the program does. What can be held against its code is:
 *
 *     UPDATE_DOCS=1 npm test -- docs      writes the generated tables anew
 */
import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { parse } from "yaml"
import { routes } from "../src/admin/routes.ts"
import { statuses } from "../src/api/errors.ts"
import { createRequest, operationsFor } from "../src/api/operations/index.ts"
import { unsupportedDestinations, unsupportedSources } from "../src/api/unsupported.ts"
import { readSettings } from "../src/config/index.ts"
import { destinationKinds, destinations } from "../src/destinations/index.ts"
import { extendedS3Configuration } from "../src/destinations/s3/shapes.ts"
import { checkConversion, conversionOf } from "../src/destinations/shapes/index.ts"
import { createFunctions } from "../src/functions/index.ts"
import { systemClock, systemDisk, systemRandom } from "../src/platform/index.ts"
import { configured, process as processRecords, texts, worldWith } from "../src/processors/testing.ts"
import { readShape } from "../src/shapes/index.ts"
import { openTables } from "../src/tables/index.ts"
import { anchorOf } from "./docs/markdown.ts"
import { memberPaths } from "./docs/member-paths.ts"
import { withTables } from "./docs/tables.ts"
import { until } from "./support/until.ts"

const root = path.join(import.meta.dirname, "..", "..")
const read = (file: string) => readFileSync(path.join(root, file), "utf8")
const pages = readdirSync(path.join(root, "docs")).map((name) => path.join("docs", name))

/** The text below a heading, to the next one of its level. */
function section(page: string, heading: string): string {
  const found = new RegExp(`^(#+) ${heading}\\n([\\s\\S]*?)(?=^\\1 |(?![\\s\\S]))`, "m").exec(read(page))
  assert.ok(found?.[2], `${page} has no section "${heading}"`)
  return found[2]
}

/** The cells of a table's rows, in whatever table of a text, without the lines that begin it. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^\| (.*) \|$/gm)]
    .map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()))
    .filter(([first = ""]) => first.startsWith("`"))
}

const codeIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, inside = ""]) => inside)

/** The contents of the fenced blocks of a language. */
function blocks(page: string, language: string): string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text = ""]) => text,
  )
}

test("the generated tables are those of the program", () => {
  for (const page of pages) {
    const fresh = withTables(read(page))
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path.join(root, page), fresh)
    assert.equal(read(page), fresh, `${page} is stale: UPDATE_DOCS=1 npm test -- docs writes its tables anew`)
  }
})

test("the page of each table that is generated has it", () => {
  const named = pages.flatMap((page) => [...read(page).matchAll(/<!-- table: (\S+) -->/g)].map(([, name]) => name))
  assert.deepEqual(named.sort(), [
    "compressions",
    "date-patterns",
    "keys",
    "lambda-codes",
    "latencies",
    "metrics",
    "refused-prefixes",
    "settings",
  ])
})

test("compatibility.md lists each operation with each of its members", () => {
  const rows = rowsOf(section("docs/compatibility.md", "Operations"))
  const operations = operationsFor(destinations)
  const names = operations.map(({ name }) => `\`${name}\``)
  assert.deepEqual(rows.map(([name]) => name).sort(), names.sort())
  const toldBelow = new Set([
    ...Object.values(unsupportedDestinations).flat(),
    ...unsupportedSources,
    ...destinations.flatMap(({ views }) => views.flatMap((view) => [view.configurationMember, view.updateMember])),
  ])
  for (const { name, input } of operations) {
    const row = rows.find(([first]) => first === `\`${name}\``)?.join(" ") ?? ""
    for (const member of memberPaths(input)) {
      const isTold = /[.[]/.test(member) || member === "DeliveryStreamName" || row.includes(`\`${member}`)
      assert.ok(
        isTold || toldBelow.has(member),
        `docs/compatibility.md: what becomes of ${member} is not in the row of ${name}`,
      )
    }
  }
})

test("compatibility.md says of each member of the S3 destinations what becomes of it", () => {
  const rows = rowsOf(section("docs/compatibility.md", "Members of the S3 destinations"))
  // Further parts of a large member may be told in its row.
  const told = new Map(rows.map(([first = "", ...rest]) => [first.replaceAll("`", ""), codeIn(rest.join(" "))]))
  const members = new Set(
    destinations
      .flatMap(({ views }) => views.flatMap((view) => memberPaths(view.configuration)))
      // It has the members of an S3 destination, and is refused as a whole.
      .filter((member) => !member.startsWith("S3BackupConfiguration.")),
  )
  for (const row of told.keys()) assert.ok(members.has(row), `docs/compatibility.md tells of ${row}: no such member`)
  for (const member of members) {
    const name = member.slice(member.lastIndexOf(".") + 1)
    const isTold =
      told.has(member) || [...told].some(([row, parts]) => member.startsWith(`${row}.`) && parts.includes(name))
    assert.ok(isTold, `docs/compatibility.md does not tell what becomes of ${member}`)
  }
})

test("compatibility.md names each destination and source that is refused, and each error", () => {
  const page = read("docs/compatibility.md")
  for (const name of [...unsupportedDestinations.configuration, ...unsupportedSources, ...Object.keys(statuses)]) {
    assert.ok(page.includes(`\`${name}\``), `docs/compatibility.md does not name ${name}`)
  }
  for (const [types = "", status = ""] of rowsOf(section("docs/compatibility.md", "Protocol and signing"))) {
    for (const type of codeIn(types)) {
      assert.equal(
        Number(status),
        Object.entries(statuses).find(([name]) => name === type)?.[1],
        `docs/compatibility.md: ${type}`,
      )
    }
  }
})

test("operating.md tells each path of the admin side", () => {
  const page = read("docs/operating.md")
  for (const route of routes) {
    const shown = route.path.replace("NAME", "orders")
    assert.ok(page.includes(shown), `docs/operating.md does not tell what ${route.method} ${route.path} is for`)
  }
})

test("the lines of the log that operating.md explains are lines that the program writes", () => {
  const sources = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => read(path.join("src", name)))
  for (const [line = ""] of rowsOf(section("docs/operating.md", "What the log says"))) {
    const text = line.replaceAll("`", "")
    assert.ok(
      sources.some((source) => source.includes(text)),
      `docs/operating.md explains "${text}", which no source file has`,
    )
  }
})

test("every hydrant.yaml in the pages is one that the server takes", async () => {
  const files = [...pages, "README.md"].flatMap((page) =>
    blocks(page, "yaml")
      .filter((text) => !text.startsWith("# prometheus.yml"))
      .map((text) => ({ name: page, text })),
  )
  assert.ok(files.length >= 2, "the blocks were found")
  for (const file of files) {
    const outcome = readSettings({ flags: {}, environment: {}, file })
    assert.ok(outcome.kind === "read", `${file.name}: ${JSON.stringify(outcome)}`)
    await openTables(outcome.settings, { clock: systemClock, disk: systemDisk }).close()
    const { input, newStream } = createRequest(destinationKinds(outcome.settings.extensions ?? new Set()))
    for (const declared of outcome.settings.streams) {
      const stream = readShape(input, declared)
      assert.ok(stream.kind === "read", `${file.name}: ${JSON.stringify(stream)}`)
      newStream(stream.value)
    }
  }
})

test("the conversion in format-conversion.md is right, and its table is declared there", async () => {
  const page = "docs/format-conversion.md"
  const [yaml = ""] = blocks(page, "yaml")
  const [command = ""] = blocks(page, "sh")
  const settings = readSettings({ flags: {}, environment: {}, file: { name: page, text: yaml } })
  assert.ok(settings.kind === "read")
  const [, json = ""] = /'(\{[\s\S]*\})'/.exec(command) ?? []
  const outcome = readShape(extendedS3Configuration, JSON.parse(json))
  assert.ok(outcome.kind === "read")
  const { DataFormatConversionConfiguration: configuration } = outcome.value
  assert.equal(checkConversion(configuration, outcome.value), undefined)
  const conversion = conversionOf(configuration) ?? assert.fail("it is on")
  const tables = openTables(settings.settings, { clock: systemClock, disk: systemDisk })
  assert.equal((await tables.read(conversion.table)).rowType.fields.length, 4)
})

test("the Prometheus configuration in operating.md is YAML", () => {
  const [text = ""] = blocks("docs/operating.md", "yaml")
  assert.deepEqual(Object.keys(parse(text)), ["scrape_configs"])
})

test("the function in lambda.md does what the page says", async (t) => {
  const [source = ""] = blocks("docs/lambda.md", "js")
  const folder = mkdtempSync(path.join(os.tmpdir(), "hydrant-docs-"))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, "orders.mjs")
  writeFileSync(file, source)
  const [yaml = ""] = blocks("docs/lambda.md", "yaml")
  const outcome = readSettings({ flags: {}, environment: {}, file: { name: "lambda.md", text: yaml } })
  assert.ok(outcome.kind === "read")
  const [LambdaArn = ""] = [...(outcome.settings.functions?.keys() ?? [])]
  const console: string[] = []
  const functions = createFunctions({
    clock: systemClock,
    random: systemRandom,
    logger: { info: (_: object, line = "") => void console.push(line), warn() {} },
    mapped: new Map([[LambdaArn, file]]),
    timeoutMs: 30_000,
    memoryBytesMax: 256 * 1024 * 1024,
    lambda: undefined,
  })
  t.after(() => functions.close())
  const records = ['{"id":1,"city":"Oslo","card":"4111"}', '{"id":2,"test":true}', "no JSON"]
  const processed = await processRecords([configured("Lambda", { LambdaArn })], records, worldWith({ functions }))
  assert.deepEqual(texts(processed), ['0:{"id":1,"city":"Oslo"}\n'])
  assert.deepEqual(processed.records[0]?.keys, { lambda: { city: "Oslo" } })
  assert.deepEqual(
    processed.failures.map(({ source, code }) => [source, code]),
    [[2, "Lambda.ProcessingFailedStatus"]],
  )
  await until(() => console.length > 0)
  assert.match(console[0] ?? "", /is not valid JSON/)
})

test("every link in the pages leads somewhere", () => {
  for (const page of pages) {
    for (const [, file = "", anchor] of read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = file === "" ? page : path.join(path.dirname(page), file)
      assert.ok(existsSync(path.join(root, target)), `${page} links to ${target}, which is not there`)
      if (anchor === undefined) continue
      const anchors = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading))
      assert.ok(anchors.includes(anchor), `${page} links to ${target}#${anchor}, and there is no such heading`)
    }
  }
})
