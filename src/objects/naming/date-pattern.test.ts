import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import fc from "fast-check"
import { parseDatePattern } from "./date-pattern.ts"
import { timeZone, timeZoneIds } from "./time-zone.ts"

/** What JDK 17 answers, made once with java.time.format.DateTimeFormatter itself. */
interface Golden {
  readonly source: string
  readonly moments: readonly (readonly [instant: string, zone: string])[]
  /** For each pattern its text at each of the moments. */
  readonly texts: Readonly<Record<string, readonly string[]>>
  readonly refused: readonly string[]
  readonly zones: {
    readonly pattern: string
    readonly instants: readonly string[]
    readonly texts: Readonly<Record<string, readonly string[]>>
  }
}

// Compiled tests lie in a build folder, four levels below the root like their sources; data stays with the sources.
const folder = path.join(import.meta.dirname, "../../../../src/objects/naming")
const golden: Golden = JSON.parse(readFileSync(path.join(folder, "date-pattern.golden.json"), "utf8"))

test("each pattern writes what Java writes, at every moment of the golden table", () => {
  for (const [pattern, texts] of Object.entries(golden.texts)) {
    const written = golden.moments.map(([instant, zone]) => format(pattern, instant, zone))
    assert.deepEqual(written, texts, `pattern ${JSON.stringify(pattern)}`)
  }
})

test("what Java refuses is refused", () => {
  const taken = golden.refused.filter((pattern) => parseDatePattern(pattern) !== undefined)
  assert.deepEqual(taken, [])
})

test("the letters that the service was seen to refuse are refused when used once", () => {
  const taken = [..."CIJPRTUVbfijloprt"].filter((letter) => parseDatePattern(letter) !== undefined)
  assert.deepEqual(taken, [])
})

test("each zone of the service has Java's offsets and names, in winter, in Ramadan and in summer", () => {
  assert.deepEqual([...timeZoneIds].sort(), Object.keys(golden.zones.texts).sort())
  for (const [zone, texts] of Object.entries(golden.zones.texts)) {
    const written = golden.zones.instants.map((instant) => format(golden.zones.pattern, instant, zone))
    assert.deepEqual(written, texts, zone)
  }
})

test("a text that is longer than its padding is left as it is", () => {
  assert.equal(format("pyyyy", "2026-07-13T14:00:00Z", "UTC"), "2026")
})

test("reading a pattern never throws, and one that is taken can be written", () => {
  const piece = fc.constantFrom(..."GuyDMLdQqYwWEecFaBhKkHmsSAnNgvzOXxZVp'[]{}#/-: é")
  const pattern = fc.array(fc.tuple(piece, fc.integer({ min: 1, max: 6 })), { maxLength: 8 })
  fc.assert(
    fc.property(pattern, fc.integer({ min: 0, max: 4_000_000_000_000 }), (pieces, instantMs) => {
      const parsed = parseDatePattern(pieces.map(([one, count]) => one.repeat(count)).join(""))
      return parsed === undefined || !parsed.format(instantMs, zoneOf("UTC")).includes("undefined")
    }),
  )
})

test("quoted text is kept, whatever it says", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (text) => {
      const pattern = `'${text.replaceAll("'", "''")}'`
      assert.equal(parseDatePattern(pattern)?.format(0, zoneOf("UTC")), text)
    }),
  )
})

function format(pattern: string, instant: string, zone: string): string | undefined {
  return parseDatePattern(pattern)?.format(Date.parse(instant), zoneOf(zone))
}

function zoneOf(id: string) {
  const zone = timeZone(id)
  assert.ok(zone, id)
  return zone
}
