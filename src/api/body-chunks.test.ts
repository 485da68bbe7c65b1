import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { BodyChunks } from "./body-chunks.ts"

test("chunks of any sizes are joined to what they were cut from", () => {
  const sizes = fc.array(fc.oneof(fc.nat(10), fc.nat(5000)), { maxLength: 40 })
  fc.assert(
    fc.property(sizes, (chunkSizes) => {
      const chunks = new BodyChunks()
      const given = chunkSizes.map((size, index) => Buffer.alloc(size, index + 1))
      for (const chunk of given) chunks.add(chunk)
      const whole = Buffer.concat(given)
      assert.equal(chunks.sizeBytes, whole.length)
      assert.ok(chunks.joined().equals(whole))
    }),
  )
})

test("a body that came in one chunk is not copied", () => {
  const chunks = new BodyChunks()
  const only = Buffer.alloc(5000)
  chunks.add(only)
  assert.equal(chunks.joined(), only)
})

test("a body that comes byte by byte takes little more memory than its bytes", () => {
  const chunks = new BodyChunks()
  const byte = Buffer.alloc(1)
  const before = process.memoryUsage()
  for (let count = 0; count < 1_000_000; count++) chunks.add(byte)
  const after = process.memoryUsage()
  const taken = after.heapUsed + after.external - before.heapUsed - before.external
  assert.ok(taken < 8_000_000, `${taken} bytes`)
})
