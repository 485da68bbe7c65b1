import assert from "node:assert/strict"
import { test } from "node:test"
import { DecimalValues } from "../columns/index.ts"
import { decimalStreams, decimalText } from "./decimals.ts"
import { defaults } from "./testing.ts"

test("Decimals are varints of any length, and scales", () => {
  const decimals = new DecimalValues()
  for (const unscaled of [0n, -1n, 2n ** 51n, -(2n ** 51n), 10n ** 38n - 1n]) decimals.appendBigInt(unscaled)
  const [data, secondary] = decimalStreams(decimals, 2, [0, 2, 5], defaults)
  const expected = ["00", "01", "8080808080808008", "ffffffffffffff07", "feffffffff8f918a93e8a3ecd096d4ccf6ac02"]
  assert.equal(Buffer.from(data?.bytes ?? []).toString("hex"), expected.join(""))
  assert.deepEqual(
    data?.marks.map((mark) => mark.byteOffset),
    [0, 2],
  )
  // Of each group a run: two scales directly, three as a short repeat.
  assert.equal(Buffer.from(secondary?.bytes ?? []).toString("hex"), "4401900004")
})

test("As text a decimal has no zeros at its end", () => {
  const texts = [
    decimalText(1230n, 2),
    decimalText(-5n, 2),
    decimalText(100n, 2),
    decimalText(0n, 5),
    decimalText(7n, 0),
  ]
  assert.deepEqual(texts, ["12.3", "-0.05", "1", "0", "7"])
})
