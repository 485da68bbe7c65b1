import assert from "node:assert/strict"
import { test } from "node:test"
import { FileContent } from "./file-content.ts"
import { createSimulatedRandom } from "./random.ts"

const random = createSimulatedRandom(1)

function textOf(content: FileContent): string {
  const bytes = Buffer.alloc(content.sizeBytes)
  content.read(bytes, 0)
  return String(bytes)
}

test("A sync covers the writes that were complete when it began, and no other", () => {
  const content = new FileContent()
  content.write(Buffer.from("a"), 0)()
  const completeSecond = content.write(Buffer.from("b"), 1)
  const finishSync = content.sync()
  completeSecond()
  content.write(Buffer.from("c"), 2)()
  finishSync()
  assert.equal(textOf(content), "abc")
  content.failPower(random, 0)
  assert.equal(textOf(content), "a")
})

test("A process that is killed in the middle of a write leaves any beginning of it", () => {
  const left = new Set<string>()
  for (let attempt = 0; attempt < 50; attempt++) {
    const content = new FileContent()
    content.write(Buffer.from("a"), 0)()
    content.write(Buffer.from("bc"), 1)
    content.stopProcess(random)
    left.add(textOf(content))
  }
  assert.deepEqual(left, new Set(["a", "ab", "abc"]))
})

test("Where a file grew without its bytes there are zeros, or now and then garbage", () => {
  const holes = new Set<string>()
  for (let attempt = 0; attempt < 300; attempt++) {
    const content = new FileContent()
    content.write(Buffer.alloc(2048, "x"), 0)()
    content.failPower(random, 0.5)
    const sector = textOf(content).slice(0, 512)
    if (sector.length === 512) holes.add(/^x+$/.test(sector) ? "kept" : /^\0+$/.test(sector) ? "zeros" : "garbage")
  }
  assert.deepEqual(holes, new Set(["kept", "zeros", "garbage"]))
})
