import assert from "node:assert/strict"
import { test } from "node:test"
import { crc32 } from "node:zlib"
import fc from "fast-check"
import { combineCrc } from "./combine-crc.ts"

test("the CRC of two runs of bytes is made of those of each", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (first, second) => {
      const whole = crc32(Buffer.concat([first, second]))
      assert.equal(combineCrc(crc32(first), crc32(second), second.length), whole)
    }),
  )
})
