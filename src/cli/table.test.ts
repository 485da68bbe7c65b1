import assert from "node:assert/strict"
import { test } from "node:test"
import { tableLines } from "./table.ts"

const columns = [{ title: "STREAM" }, { title: "WAITING", align: "right" }] as const

test("Columns are as wide as their widest cell, and numbers stand below each other", () => {
  assert.deepEqual(
    tableLines(
      columns,
      [
        ["orders", "12"],
        ["clickstream", "1,000,000"],
      ],
      80,
    ),
    ["STREAM         WAITING", "orders              12", "clickstream  1,000,000"],
  )
})

test("On a narrow terminal names give way, down to ten characters", () => {
  const rows = [["a-stream-with-a-long-name", "12"]]
  assert.deepEqual(tableLines(columns, rows, 24), ["STREAM           WAITING", "a-stream-with-…       12"])
  assert.deepEqual(tableLines(columns, rows, 5), ["STREAM      WAITING", "a-stream-…       12"])
})
