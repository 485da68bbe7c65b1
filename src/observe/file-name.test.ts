import assert from "node:assert/strict"
import path from "node:path"
import { test } from "node:test"
import fc from "fast-check"
import { safeFileName } from "./file-name.ts"

/** Names as an attacker or a careless program gives them. */
const names = fc.oneof(
  fc.string({ unit: fc.constantFrom(".", "/", "%", "~", "a", "2", "F") }),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom("a", "é", "/"), minLength: 190, maxLength: 512 }),
)

test("A usual name stays readable", () => {
  for (const [name, expected] of [
    ["DestinationDelivery", "DestinationDelivery"],
    ["/aws/kinesisfirehose/orders", "%2Faws%2Fkinesisfirehose%2Forders"],
    ["..", "%2E."],
    ["v1.2", "v1.2"],
    ["50%", "50%25"],
  ] as const) {
    assert.equal(safeFileName(name), expected)
  }
})

test("Any name becomes one visible file name that a disk can hold", () => {
  fc.assert(
    fc.property(names, (name) => {
      const safe = safeFileName(name)
      assert.equal(path.resolve("/folder", safe), `/folder/${safe}`)
      assert.match(safe, /^[^./][^/]{0,199}$/)
    }),
  )
})

test("Different names become different file names", () => {
  fc.assert(
    fc.property(names, names, (one, other) => {
      fc.pre(Buffer.compare(Buffer.from(one), Buffer.from(other)) !== 0)
      assert.notEqual(safeFileName(one), safeFileName(other))
    }),
  )
})
