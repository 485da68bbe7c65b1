import assert from "node:assert/strict"
import { test } from "node:test"
import type { TableErrorCode } from "./table-error.ts"
import { tableOf, type WrittenColumn } from "./table-of.ts"
import { columnsOf, tableError } from "./testing.ts"

test("A table has its columns in order, with lower-case names as in Hive", () => {
  const table = tableOf(
    [
      ["OrderId", "BIGINT"],
      ["größe_2", "struct<Width:real>"],
    ],
    "table",
    "3",
  )
  assert.deepEqual(columnsOf(table), ["orderid bigint", "größe_2 struct<width:float>"])
  assert.equal(table.versionId, "3")
  assert.ok(!("versionId" in tableOf([["a", "int"]], "table")))
})

const unusable: readonly (readonly [TableErrorCode, RegExp, readonly WrittenColumn[]])[] = [
  ["DataFormatConversion.NonExistentColumns", /^The table "orders" has no columns/, []],
  ["DataFormatConversion.ValidationException", /has a column without a name/, [["", "int"]]],
  ["DataFormatConversion.ValidationException", /has no type for column "a"/, [["a", ""]]],
  [
    "DataFormatConversion.InvalidSchema",
    /has a column "a b": names of columns may hold letters, digits/,
    [["a b", "int"]],
  ],
  ["DataFormatConversion.InvalidSchema", /has a column "a-b"/, [["a-b", "int"]]],
  [
    "DataFormatConversion.InvalidSchema",
    /has two columns "id": upper and lower case are the same/,
    [
      ["Id", "int"],
      ["iD", "int"],
    ],
  ],
  [
    "DataFormatConversion.InvalidTypeFormat",
    /has a column "a" whose type is none\. Cannot read the type "array<set<int>>" at character 7: set<> is not/,
    [["a", "array<set<int>>"]],
  ],
]

test("Columns that make no table are refused with the code that says why", () => {
  for (const [code, message, columns] of unusable) {
    assert.throws(() => tableOf(columns, 'table "orders"'), tableError(code, message))
  }
})
