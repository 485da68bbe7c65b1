import assert from "node:assert/strict"
import { getEventListeners } from "node:events"
import { type TestContext, test } from "node:test"
import { GlueDouble, type Trouble } from "../../../test/glue-double/index.ts"
import type { TableErrorCode } from "../table-error.ts"
import { columnsOf, orders, tableError } from "../testing.ts"
import { type GlueSettings, GlueTables } from "./glue-tables.ts"

async function startGlue(t: TestContext, settings: Partial<GlueSettings> = {}) {
  const double = await GlueDouble.start()
  const clock = { nowMs: 0, elapsed: () => clock.nowMs }
  const credentials = { accessKeyId: "AKID", secretAccessKey: "SECRET" }
  const tables = new GlueTables({ endpoint: double.endpoint, region: "us-east-1", clock, credentials, ...settings })
  t.after(async () => {
    tables.close()
    await double.close()
  })
  const define = (...columns: readonly (readonly [string, string])[]) =>
    double.setTable("logs", "orders", {
      StorageDescriptor: { Columns: columns.map(([Name, Type]) => ({ Name, Type })) },
      PartitionKeys: [{ Name: "day", Type: "string" }],
    })
  return { double, tables, clock, define }
}

test("A table has the columns of its storage descriptor, and no partition keys", async (t) => {
  const { double, tables, define } = await startGlue(t)
  define(["Id", "bigint"], ["tags", "array<string>"])
  const table = await tables.find(orders)
  assert.deepEqual(columnsOf(table), ["id bigint", "tags array<string>"])
  assert.equal(table.versionId, "0")
  const input = { DatabaseName: "logs", Name: "orders" }
  assert.deepEqual(double.requests, [{ operation: "GetTable", region: "us-east-1", input }])
})

test("A version is asked for by its number, in the catalog and the region that the stream names", async (t) => {
  const { double, tables, define } = await startGlue(t)
  define(["id", "int"])
  define(["id", "bigint"])
  const reference = { ...orders, catalogId: "123456789012", region: "eu-central-1", versionId: "0" }
  const table = await tables.find(reference)
  assert.deepEqual(columnsOf(table), ["id int"])
  assert.equal(table.versionId, "0")
  const input = { CatalogId: "123456789012", DatabaseName: "logs", TableName: "orders", VersionId: "0" }
  assert.deepEqual(double.requests, [{ operation: "GetTableVersion", region: "eu-central-1", input }])
})

test("Within ten seconds a table is asked for once, and a change shows after them", async (t) => {
  const { double, tables, clock, define } = await startGlue(t)
  define(["id", "int"])
  const tableName = "others"
  double.setTable("logs", tableName, { StorageDescriptor: { Columns: [{ Name: "other", Type: "int" }] } })
  const answers = await Promise.all([tables.find(orders), tables.find(orders), tables.find({ ...orders, tableName })])
  assert.deepEqual(answers.map(columnsOf), [["id int"], ["id int"], ["other int"]])
  define(["id", "bigint"])
  clock.nowMs = 9_999
  assert.deepEqual(columnsOf(await tables.find(orders)), ["id int"])
  clock.nowMs = 10_000
  assert.deepEqual(columnsOf(await tables.find(orders)), ["id bigint"])
  assert.equal(double.requests.length, 3)
})

const troubles: readonly (readonly [Trouble, TableErrorCode, RegExp])[] = [
  [{ error: "AccessDeniedException", status: 400 }, "DataFormatConversion.AccessDenied", /allow glue:GetTable /],
  [{ error: "UnrecognizedClientException", status: 400 }, "DataFormatConversion.AccessDenied", /check the access key/],
  [{ error: "InvalidSignatureException", status: 400 }, "DataFormatConversion.AccessDenied", /region/],
  [{ error: "ExpiredTokenException", status: 400 }, "DataFormatConversion.AccessDenied", /renew/],
  [{ error: "EntityNotFoundException", status: 400 }, "DataFormatConversion.EntityNotFound", /create it there/],
  [{ error: "GlueEncryptionException", status: 400 }, "DataFormatConversion.GlueEncryptionException", /KMS key/],
  [{ error: "InvalidInputException", status: 400 }, "DataFormatConversion.InvalidInput", /correct the catalog/],
  [{ error: "ThrottlingException", status: 400 }, "DataFormatConversion.ThrottledByGlue", /too often/],
  [{ error: "OperationTimeoutException", status: 400 }, "DataFormatConversion.SchemaValidationTimeout", /asked again/],
  [{ error: "InternalServiceException", status: 500 }, "DataFirehose.InternalError", /of the double\)$/],
  [{ status: 503, body: "<html>" }, "DataFirehose.InternalError", /check glue-endpoint/],
  [{ status: 200, body: "{}" }, "DataFirehose.InternalError", /no table in it: is it a Glue/],
  ["break off", "DataFirehose.InternalError", /check glue-endpoint/],
]

test("What fails has the code that says why, with what to do and what Glue said", async (t) => {
  const { double, tables, define } = await startGlue(t)
  define(["id", "int"])
  for (const [trouble, code, message] of troubles) {
    double.trouble = trouble
    await assert.rejects(tables.find(orders), tableError(code, message), JSON.stringify(trouble))
  }
  // Nothing that failed is kept.
  double.trouble = undefined
  assert.deepEqual(columnsOf(await tables.find(orders)), ["id int"])
})

test("What may pass is tried three times", async (t) => {
  const { double, tables } = await startGlue(t)
  double.trouble = { error: "ThrottlingException", status: 400 }
  await assert.rejects(tables.find(orders))
  assert.equal(double.requests.length, 3)
  double.trouble = { error: "AccessDeniedException", status: 400 }
  await assert.rejects(tables.find(orders))
  assert.equal(double.requests.length, 4)
})

test("A version that is not there is told from a table that is not there", async (t) => {
  const { double, tables, define } = await startGlue(t)
  const seventh = { ...orders, versionId: "7" }
  await assert.rejects(
    tables.find(seventh),
    tableError("DataFormatConversion.EntityNotFound", /version 7 of the table/),
  )
  define(["id", "int"])
  await assert.rejects(
    tables.find(seventh),
    tableError("DataFormatConversion.InvalidVersionId", /use LATEST, or a ver/),
  )
  double.trouble = { error: "InvalidInputException", status: 400, message: "version id must be a number" }
  const word = { ...orders, versionId: "word" }
  await assert.rejects(tables.find(word), tableError("DataFormatConversion.InvalidVersionId", /must be a number/))
})

test("A table that no rows can have is refused with the code that says why", async (t) => {
  const { double, tables, define } = await startGlue(t)
  double.setTable("logs", "view", {})
  const view = { ...orders, tableName: "view" }
  await assert.rejects(
    tables.find(view),
    tableError("DataFormatConversion.NonExistentColumns", /"view" .* has no columns/),
  )
  define(["id", "uniontype<int>"])
  await assert.rejects(tables.find(orders), tableError("DataFormatConversion.InvalidTypeFormat", /uniontype<> is not/))
})

test("A Glue that does not answer, or is away, is told in bounded time", async (t) => {
  const { double, tables } = await startGlue(t, { requestTimeoutMs: 20 })
  double.trouble = "hang"
  await assert.rejects(tables.find(orders), tableError("DataFirehose.InternalError", /did not answer in time/))
  await double.close()
  await assert.rejects(tables.find(orders), tableError("DataFirehose.InternalError", /ECONNREFUSED/))
})

test("Who stops waiting does not end the request of others, and leaves nothing behind", async (t) => {
  const { double, tables, define } = await startGlue(t)
  define(["id", "int"])
  const [leaving, staying] = [new AbortController(), new AbortController()]
  const left = tables.find(orders, leaving.signal)
  const stayed = tables.find(orders, staying.signal)
  leaving.abort(new Error("over"))
  await assert.rejects(left, /over/)
  assert.deepEqual(columnsOf(await stayed), ["id int"])
  assert.equal(double.requests.length, 1)
  await assert.rejects(tables.find(orders, leaving.signal), /over/)
  assert.deepEqual(getEventListeners(staying.signal, "abort"), [])
})

test("What is under way ends when the tables are closed", async (t) => {
  const { double, tables } = await startGlue(t)
  double.trouble = "hang"
  const asked = tables.find(orders)
  tables.close()
  await assert.rejects(asked, tableError("DataFirehose.InternalError", /abort/i))
})
