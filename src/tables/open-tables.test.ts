import assert from "node:assert/strict"
import { mkdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { GlueDouble } from "../../test/glue-double/index.ts"
import { systemClock, systemDisk } from "../platform/index.ts"
import { openTables, type TablesSettings } from "./open-tables.ts"
import type { TableErrorCode } from "./table-error.ts"
import { columnsOf, folderFor, orders, tableError } from "./testing.ts"

function tablesFor(t: TestContext, settings: Partial<TablesSettings>) {
  const tables = openTables(
    { tables: [], tablesFolder: undefined, glueEndpoint: undefined, region: "us-east-1", ...settings },
    { clock: systemClock, disk: systemDisk },
  )
  t.after(() => tables.close())
  return tables
}

const declared = { database: "logs", name: "orders", columns: { id: "bigint", Text: "string" } }

test("A declared table is there in every catalog, region and version", async (t) => {
  const tables = tablesFor(t, { tables: [{ ...declared, name: "other" }, declared] })
  const elsewhere = { ...orders, catalogId: "123456789012", region: "eu-west-1", versionId: "7" }
  for (const reference of [orders, elsewhere]) {
    assert.deepEqual(columnsOf(await tables.read(reference)), ["id bigint", "text string"])
  }
})

const wrong: readonly (readonly [RegExp, readonly unknown[]])[] = [
  [/entry 1 is wrong: it: /, ["orders"]],
  [/entry 1 is wrong: .*name: .*must not be null/, [{ database: "logs", columns: {} }]],
  [/entry 1 is wrong: there is no colums/, [{ ...declared, colums: {} }]],
  [/entry 2 is a table that is declared already/, [declared, declared]],
  [
    /entry 1 is wrong: The declared table "orders" of database "logs" has no columns.*; entry 2 is wrong: .*"bigin"/,
    [
      { ...declared, columns: {} },
      { ...declared, columns: { id: "bigin" } },
    ],
  ],
]

test("Declarations that are wrong are told all together", () => {
  for (const [message, tables] of wrong) {
    const settings = { tables, tablesFolder: undefined, glueEndpoint: undefined, region: "us-east-1" }
    assert.throws(() => openTables(settings, { clock: systemClock, disk: systemDisk }), message)
  }
})

async function folderWith(t: TestContext, name: string, content: string) {
  const folder = await folderFor(t)
  await mkdir(path.join(folder, path.dirname(name)), { recursive: true })
  await writeFile(path.join(folder, name), content)
  return folder
}

const fromGlue = {
  Name: "orders",
  VersionId: "4",
  StorageDescriptor: { Columns: [{ Name: "id", Type: "int", Comment: "unique" }], Location: "s3://bucket/" },
  PartitionKeys: [{ Name: "day", Type: "string" }],
}
const files: readonly (readonly [string, string, string[], string?])[] = [
  ["logs/orders.json", '{"columns": {"id": "int", "b": "array<string>"}}', ["id int", "b array<string>"]],
  ["logs/orders.yaml", "columns:\n  id: int\n  b: decimal(5,2)\n", ["id int", "b decimal(5,2)"]],
  ["logs/orders.json", JSON.stringify({ Table: fromGlue }), ["id int"], "4"],
  ["logs/orders.json", JSON.stringify(fromGlue), ["id int"], "4"],
]

test("A table in a folder is a file of ours, or what aws glue get-table prints", async (t) => {
  for (const [name, content, columns, versionId] of files) {
    const table = await tablesFor(t, { tablesFolder: await folderWith(t, name, content) }).read(orders)
    assert.deepEqual(columnsOf(table), columns)
    assert.equal(table.versionId, versionId)
  }
})

test("A file is read anew each time", async (t) => {
  const tablesFolder = await folderWith(t, "logs/orders.yaml", "columns: {id: int}")
  const tables = tablesFor(t, { tablesFolder })
  assert.deepEqual(columnsOf(await tables.read(orders)), ["id int"])
  await writeFile(path.join(tablesFolder, "logs/orders.yaml"), "columns: {id: int, b: int}")
  assert.deepEqual(columnsOf(await tables.read(orders)), ["id int", "b int"])
  await rm(path.join(tablesFolder, "logs"), { recursive: true })
  await assert.rejects(tables.read(orders), tableError("DataFormatConversion.EntityNotFound", /orders\.yaml into "/))
})

const unusable: readonly (readonly [TableErrorCode, RegExp, string, string])[] = [
  ["DataFormatConversion.InvalidSchema", /orders\.json": .*JSON/, "logs/orders.json", "{"],
  ["DataFormatConversion.InvalidSchema", /orders\.json": Expected null/, "logs/orders.json", "3"],
  ["DataFormatConversion.InvalidSchema", /columns\.a/, "logs/orders.json", '{"columns": {"a": 3}}'],
  ["DataFormatConversion.InvalidSchema", /orders\.yaml": /, "logs/orders.yaml", "columns: {a: int\n"],
  ["DataFormatConversion.InvalidSchema", /Unresolved tag/, "logs/orders.yaml", "columns: {a: !x int}"],
  ["DataFormatConversion.NonExistentColumns", /expected \{"columns": /, "logs/orders.json", "{}"],
  ["DataFormatConversion.NonExistentColumns", /has no columns/, "logs/orders.json", '{"columns": {}}'],
  [
    "DataFormatConversion.ValidationException",
    /no type for column "a"/,
    "logs/orders.json",
    '{"StorageDescriptor": {"Columns": [{"Name": "a"}]}}',
  ],
  ["DataFirehose.InternalError", /Cannot read the table ".*orders\.json": EISDIR/, "logs/orders.json/x", ""],
]

test("A file that makes no table is refused with its name and the reason", async (t) => {
  for (const [code, message, name, content] of unusable) {
    const tables = tablesFor(t, { tablesFolder: await folderWith(t, name, content) })
    await assert.rejects(tables.read(orders), tableError(code, message))
  }
})

test("A file that says its version stands for no other one", async (t) => {
  const tables = tablesFor(t, { tablesFolder: await folderWith(t, "logs/orders.json", JSON.stringify(fromGlue)) })
  assert.equal((await tables.read({ ...orders, versionId: "4" })).versionId, "4")
  await assert.rejects(
    tables.read({ ...orders, versionId: "3" }),
    tableError("DataFormatConversion.InvalidVersionId", /orders\.json" is version 4, and not 3: use LATEST/),
  )
})

test("No name leads out of the folder", async (t) => {
  const folder = await folderWith(t, "logs/orders.json", '{"columns": {"a": "int"}}')
  const tables = tablesFor(t, { tablesFolder: path.join(folder, "logs") })
  const outside = [
    { ...orders, databaseName: "../logs" },
    { ...orders, databaseName: "..", tableName: "logs/orders" },
    { ...orders, databaseName: ".", tableName: "orders" },
    { ...orders, tableName: "or\0ders" },
  ]
  for (const reference of outside) {
    await assert.rejects(tables.read(reference), tableError("DataFormatConversion.EntityNotFound", /There is no table/))
  }
})

test("A table that is nowhere is told with all ways to have it", async (t) => {
  await assert.rejects(
    tablesFor(t, {}).read(orders),
    tableError(
      "DataFormatConversion.EntityNotFound",
      /^There is no table "orders" of database "logs": declare it under tables in hydrant\.yaml, put logs\/orders\.json or logs\/orders\.yaml into a folder that tables-folder names, or set glue-endpoint \(AWS_ENDPOINT_URL_GLUE\)$/,
    ),
  )
})

test("A table that is declared comes first, then the folder, then Glue", async (t) => {
  const before = { ...process.env }
  process.env["AWS_ACCESS_KEY_ID"] = "AKID"
  process.env["AWS_SECRET_ACCESS_KEY"] = "SECRET"
  const glue = await GlueDouble.start()
  t.after(async () => {
    process.env = before
    await glue.close()
  })
  for (const name of ["declared", "filed", "glued"]) {
    glue.setTable("logs", name, { StorageDescriptor: { Columns: [{ Name: "glue", Type: "int" }] } })
  }
  const tablesFolder = await folderWith(t, "logs/declared.json", '{"columns": {"folder": "int"}}')
  await writeFile(path.join(tablesFolder, "logs/filed.json"), '{"columns": {"folder": "int"}}')
  const tables = tablesFor(t, {
    tables: [{ database: "logs", name: "declared", columns: { declared: "int" } }],
    tablesFolder,
    glueEndpoint: glue.endpoint,
  })
  const columns = async (tableName: string) => columnsOf(await tables.read({ ...orders, tableName }))
  assert.deepEqual(await columns("declared"), ["declared int"])
  assert.deepEqual(await columns("filed"), ["folder int"])
  assert.deepEqual(await columns("glued"), ["glue int"])
  await assert.rejects(
    columns("none"),
    tableError("DataFormatConversion.EntityNotFound", /from the Glue at .* create it/),
  )
})
