import assert from "node:assert/strict"
import { test } from "node:test"
import { noTables, TableError, type TableReference, type Tables } from "../../tables/index.ts"
import { destinations } from "../index.ts"
import { withConversionDefaults, withS3Defaults } from "../shapes/index.ts"

const roleArn = "arn:aws:iam::000000000000:role/firehose"
const bucket = withS3Defaults({ RoleARN: roleArn, BucketARN: "arn:aws:s3:::orders" }, "converted")
const conversion = withConversionDefaults({
  SchemaConfiguration: { RoleARN: roleArn, DatabaseName: "logs", TableName: "orders", VersionId: "7" },
  InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
  OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
})
const converted = { ...bucket, DataFormatConversionConfiguration: conversion }

function verify(stored: typeof bucket, tables: Tables) {
  const [s3] = destinations
  assert.ok(s3?.verify)
  return s3.verify(stored, { tables })
}

test("A bucket that records are converted for has its table looked for", async () => {
  const asked: TableReference[] = []
  const tables: Tables = {
    async read(reference) {
      asked.push(reference)
      return { rowType: { kind: "struct", fields: [] } }
    },
  }
  assert.equal(await verify(converted, tables), undefined)
  assert.deepEqual(asked, [{ databaseName: "logs", tableName: "orders", versionId: "7", roleArn }])
})

test("A bucket without conversion needs no table", async () => {
  assert.equal(await verify(bucket, noTables), undefined)
  const off = { ...converted, DataFormatConversionConfiguration: { ...conversion, Enabled: false } }
  assert.equal(await verify(off, noTables), undefined)
})

const failing = (error: Error): Tables => ({ read: () => Promise.reject(error) })

test("A table that is not there is told as Glue's exception, with what to do", async () => {
  const message = await verify(converted, noTables)
  assert.match(
    message ?? "",
    /^There is no table "orders" of database "logs": declare it under tables in hydrant\.yaml/,
  )
  assert.match(message ?? "", / \(Service: AWSGlue; Status Code: 400; Error Code: EntityNotFoundException\)$/)
})

test("What is refused to the server is told in the words that Terraform repeats a create for", async () => {
  const error = new TableError("DataFormatConversion.AccessDenied", "Allow it")
  assert.equal(
    await verify(converted, failing(error)),
    "Access was denied when calling Glue. Allow it (Service: AWSGlue; Status Code: 400; Error Code: AccessDeniedException)",
  )
})

test("Any other fault of a table is told with its code", async () => {
  const error = new TableError("DataFormatConversion.InvalidSchema", "No columns")
  assert.equal(await verify(converted, failing(error)), "DataFormatConversion.InvalidSchema: No columns")
  await assert.rejects(verify(converted, failing(new Error("a mistake of ours"))), /a mistake of ours/)
})
