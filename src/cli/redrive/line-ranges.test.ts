import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { LineRanges } from "./line-ranges.ts"

const lines = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 })

test("Ranges hold the lines that were added, in whatever order, and are read back as they were written", () => {
  fc.assert(
    fc.property(lines, lines, (added, others) => {
      const ranges = new LineRanges()
      for (const line of added) ranges.add(line)
      const more = new LineRanges()
      for (const line of others) more.add(line)
      ranges.addAll(more)
      const expected = new Set([...added, ...others])
      assert.equal(ranges.count, expected.size)
      const parsed = LineRanges.parse(ranges.toString())
      for (let line = 0; line <= 32; line++) {
        assert.equal(ranges.has(line), expected.has(line))
        assert.equal(parsed?.has(line), expected.has(line))
      }
      assert.equal(parsed?.count, expected.size)
      assert.equal(parsed?.toString(), ranges.toString())
    }),
  )
})

test("Lines that follow each other are one range", () => {
  const ranges = new LineRanges()
  for (const line of [5, 4, 1, 2, 3, 9]) ranges.add(line)
  assert.equal(ranges.toString(), "1-5,9")
})

test("A text that is not of this form is none", () => {
  for (const text of ["1-", "a", "1,,2", "1,", "5-4", "3,2", "1-3,3", "0", "-1", "1 "]) {
    assert.equal(LineRanges.parse(text), undefined, text)
  }
  assert.equal(LineRanges.parse("")?.count, 0)
})
