import assert from "node:assert/strict"
import { createHmac } from "node:crypto"
import { test } from "node:test"
import fc from "fast-check"
import { KeptHmac } from "./kept-hmac.ts"

test("a kept HMAC is what Node's is, for one text after the other", () => {
  const key = fc.uint8Array({ maxLength: 64 })
  const texts = fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 500, size: "max" }), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(key, texts, (bytes, given) => {
      const hmac = new KeptHmac(bytes)
      for (const [index, text] of given.entries()) {
        // The first part is the same as before, or another one.
        const beginning = given[index - (index % 2)] ?? ""
        const plain = createHmac("sha256", bytes).update(beginning).update(text).digest("hex")
        assert.equal(hmac.hex(beginning, text), plain)
      }
    }),
  )
})
