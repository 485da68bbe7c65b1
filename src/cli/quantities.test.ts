import assert from "node:assert/strict"
import { test } from "node:test"
import { formatBytes, formatCounted, formatSeconds } from "./quantities.ts"

test("Bytes are shown in the largest unit that leaves a number of at most four digits", () => {
  for (const [bytes, expected] of [
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1023 bytes"],
    [1024, "1.0 KiB"],
    [1024 * 1024 - 1, "1.0 MiB"],
    [1.5 * 1024 ** 3, "1.5 GiB"],
    [5000 * 1024 ** 4, "5000.0 TiB"],
  ] as const) {
    assert.equal(formatBytes(bytes), expected)
  }
})

test("Durations are shown with two units at most", () => {
  for (const [seconds, expected] of [
    [0, "0.00 s"],
    [0.042, "0.04 s"],
    [9.94, "9.9 s"],
    [59.6, "1 min"],
    [90, "1 min 30 s"],
    [3600, "1 h"],
    [90_061, "1 d 1 h"],
  ] as const) {
    assert.equal(formatSeconds(seconds), expected)
  }
})

test("A noun follows its number", () => {
  assert.equal(formatCounted(1, "record"), "1 record")
  assert.equal(formatCounted(1706, "record"), "1,706 records")
})
