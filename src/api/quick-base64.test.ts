import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { decodeBase64 } from "../shapes/index.ts"
import { viewOf } from "./json-scanner.ts"
import { decodeBase64At, decodedBytesMax } from "./quick-base64.ts"

/** Decodes a text in quotes, with `before` bytes before it in the source and in the target. */
function decodeQuickly(text: string, before: number): Buffer | undefined {
  const source = Buffer.from(`${" ".repeat(before)}${text}"`, "latin1")
  const target = Buffer.alloc(before + decodedBytesMax(text.length), 0xaa)
  const decoded = decodeBase64At(viewOf(source), before, viewOf(target), before)
  assert.ok(
    target.subarray(0, before).every((byte) => byte === 0xaa),
    "what was there before is left alone",
  )
  if (decoded === undefined || decoded.end !== before + text.length) return undefined
  return target.subarray(before, before + decoded.sizeBytes)
}

test("what Node encodes is decoded", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(5), (bytes, before) => {
      assert.deepEqual(decodeQuickly(Buffer.from(bytes).toString("base64"), before), Buffer.from(bytes))
    }),
  )
})

test("any text is taken or refused as the plain way does it", () => {
  const characters = fc.constantFrom(..."AQgwBZ09+/+/====-_ \n\r\t\0\x7f\x80\xff")
  const text = fc.oneof(
    fc.string({ unit: characters, maxLength: 12 }),
    fc.tuple(fc.uint8Array({ maxLength: 8 }), fc.nat(), characters).map(([bytes, at, character]) => {
      const base64 = Buffer.from(bytes).toString("base64")
      const index = at % (base64.length + 1)
      return base64.slice(0, index) + character + base64.slice(index + 1)
    }),
  )
  let takenCount = 0
  fc.assert(
    fc.property(text, fc.nat(3), (given, before) => {
      const expected = decodeBase64(given)
      assert.deepEqual(decodeQuickly(given, before), expected)
      if (expected !== undefined) takenCount++
    }),
    { numRuns: 20_000 },
  )
  assert.ok(takenCount > 1000, `only ${takenCount} were base64`)
})

test("every character in every place of a quad is taken or refused as the plain way does it", () => {
  for (let code = 0; code < 256; code++) {
    const character = String.fromCharCode(code)
    if (character === '"') continue
    for (const given of [
      `${character}AAA`,
      `A${character}AA`,
      `AA${character}A`,
      `AAA${character}`,
      `AA${character}=`,
      `A${character}==`,
    ]) {
      assert.deepEqual(decodeQuickly(given, 0), decodeBase64(given), JSON.stringify(given))
    }
  }
})
