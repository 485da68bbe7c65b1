import assert from "node:assert/strict"
import { test } from "node:test"
import { KeptBuffers } from "./kept-buffers.ts"

test("a buffer that was given back is given again, and never to two", () => {
  const buffers = new KeptBuffers({ bufferBytes: 100, countMax: 1 })
  const [first, second] = [buffers.take(100), buffers.take(1)]
  assert.notEqual(first.buffer, second.buffer)
  buffers.giveBack(first.subarray(10, 20))
  assert.equal(buffers.take(50).buffer, first.buffer)
  assert.notEqual(buffers.take(50).buffer, first.buffer)
})

test("no more are kept than were asked for, and none of others", () => {
  const buffers = new KeptBuffers({ bufferBytes: 100, countMax: 1 })
  const [first, second, larger] = [buffers.take(1), buffers.take(1), buffers.take(101)]
  assert.ok(larger.length >= 101)
  for (const given of [larger, Buffer.allocUnsafeSlow(100), first, second]) buffers.giveBack(given)
  assert.equal(buffers.take(1).buffer, first.buffer)
  const fresh = buffers.take(1)
  assert.ok([first, second, larger].every((given) => given.buffer !== fresh.buffer))
})
