import assert from "node:assert/strict"
import { test } from "node:test"
import { TextValues } from "../columns/index.ts"
import { defaults } from "./testing.ts"
import { encodeText, padded } from "./text.ts"

function texts(...values: readonly (string | null)[]): TextValues {
  const result = new TextValues()
  for (const value of values) {
    if (value === null) result.appendNull()
    else result.appendString(value)
  }
  return result
}

function encoded(dictionaryKeyThreshold: number, ...values: readonly string[]) {
  const { dictionarySize, streams } = encodeText(texts(...values), [0, values.length], {
    ...defaults,
    dictionaryKeyThreshold,
  })
  return {
    dictionarySize,
    streams: streams.map(({ kind, bytes }) => `${kind} ${Buffer.from(bytes).toString("hex")}`),
  }
}

// The strings and both of their encodings are the specification's.
const states = ["Nevada", "California"] as const

test("Texts are bytes and lengths", () => {
  assert.deepEqual(encoded(0, ...states), {
    dictionarySize: undefined,
    streams: [`data ${Buffer.from("NevadaCalifornia").toString("hex")}`, "length 46016a"],
  })
})

test("A dictionary is sorted, and holds each text once", () => {
  assert.deepEqual(encoded(1, "Nevada", "California", "Nevada", "California", "Florida", "Nevada"), {
    dictionarySize: 3,
    // 2, 0, 2, 0, 1, 2 with two bits each; lengths 10, 7 and 6 fall.
    streams: [
      "data 42058860",
      `dictionaryData ${Buffer.from("CaliforniaFloridaNevada").toString("hex")}`,
      "length c2020a0540",
    ],
  })
})

test("There is a dictionary when at most so many of the texts are distinct", () => {
  const sizes = (threshold: number) => encoded(threshold, "a", "b", "a", "").dictionarySize
  assert.deepEqual([0, 0.5, 0.74, 0.75, 1].map(sizes), [undefined, undefined, undefined, 3, 3])
  assert.equal(encoded(1).dictionarySize, undefined)
})

test("A dictionary finds its texts again when there are many", () => {
  const values = Array.from({ length: 5000 }, (_, index) => `${(index * 7919) % 3000}`)
  const { dictionarySize, streams } = encodeText(texts(...values), [0, 5000], {
    ...defaults,
    dictionaryKeyThreshold: 1,
  })
  assert.equal(dictionarySize, 3000)
  const inOrder = Array.from(new Set(values)).sort().join("")
  assert.equal(Buffer.from(streams[1]?.bytes ?? []).toString(), inOrder)
})

test("A char is padded to its length in code points", () => {
  const { present, bytes, starts } = padded(texts("a", null, "ü😀", "abc", "abcd"), 3)
  assert.deepEqual([...present], [1, 0, 1, 1, 1])
  assert.equal(Buffer.from(bytes).toString(), "a  ü😀 abcabcd")
  assert.deepEqual([...starts], [0, 3, 10, 13, 17])
})
