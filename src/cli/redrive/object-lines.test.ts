import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { objectLines } from "./object-lines.ts"

/** `text` in chunks that are cut at `cuts`; each is overwritten once the next one is asked for. */
async function* chunks(text: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((one, other) => one - other), text.length]
  for (const [index, edge] of edges.slice(1).entries()) {
    const chunk = Buffer.from(text.subarray(edges[index], edge))
    yield chunk
    chunk.fill(0x78)
  }
}

async function linesOf(text: string, cuts: readonly number[], bytesMax?: number) {
  const lines: [number, string | undefined][] = []
  for await (const line of objectLines(chunks(Buffer.from(text), cuts), bytesMax))
    lines.push([line.lineNumber, line.text])
  return lines
}

const texts = fc.string({ unit: fc.constantFrom("a", "é", "😀", "\n", "\r\n", " "), maxLength: 60 })

test("The lines are those of the text, however it is cut into chunks", async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.array(fc.nat()), async (text, cuts) => {
      const expected = text
        .split("\n")
        .map((line, index) => [index + 1, line.trim()])
        .filter(([, line]) => line !== "")
      assert.deepEqual(await linesOf(text, cuts), expected)
    }),
  )
})

test("A line that is too long is told by its number however it is cut, and the lines after it are read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12 })), fc.array(fc.nat()), async (lengths, cuts) => {
      const text = lengths.map((length) => "a".repeat(length)).join("\n")
      const expected = lengths
        .map((length, index) => [index + 1, length > 5 ? undefined : "a".repeat(length)])
        .filter(([, line]) => line !== "")
      assert.deepEqual(await linesOf(text, cuts, 5), expected)
    }),
  )
})

test("A line that never ends takes no memory", async () => {
  async function* endless() {
    for (let count = 0; count < 2_000; count++) yield Buffer.alloc(100_000, "a")
    yield Buffer.from("\nlast")
  }
  const beforeBytes = process.memoryUsage().arrayBuffers
  const lines: (string | undefined)[] = []
  for await (const { text } of objectLines(endless())) lines.push(text)
  assert.deepEqual(lines, [undefined, "last"])
  assert.ok(process.memoryUsage().arrayBuffers - beforeBytes < 100_000_000)
})
