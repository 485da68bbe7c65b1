import assert from "node:assert/strict"
import { test } from "node:test"
import { S3Double } from "../../../test/s3-double/index.ts"
import { objectReaderContract } from "../object-reader.contract.ts"
import { ReadFailure } from "../reader.ts"
import { createS3Reader } from "./s3-reader.ts"
import { createS3Store, type S3StoreSettings } from "./s3-store.ts"

const going = new AbortController().signal

objectReaderContract("The S3 reader", async () => {
  const double = await S3Double.start({ buckets: ["a-bucket"] })
  const store = createS3Store(settingsFor(double))
  const reader = createS3Reader(settingsFor(double), "a-bucket")
  const readerOfNone = createS3Reader(settingsFor(double), "none")
  return {
    store,
    bucket: "a-bucket",
    reader,
    readerOfNone,
    async close() {
      for (const one of [store, reader, readerOfNone]) await one.close()
      await double.close()
    },
  }
})

test("More objects than a page holds are all listed, once", async (t) => {
  const double = await S3Double.start({ buckets: ["a-bucket"] })
  t.after(() => double.close())
  const store = createS3Store(settingsFor(double))
  const keys = Array.from({ length: 2_345 }, (_, index) => `many/${index}`)
  for (const key of keys) {
    const object = {
      bucket: "a-bucket",
      key,
      contentType: "text/plain",
      encryption: { kind: "bucket-default" },
    } as const
    await store.put({ ...object, body: () => inOne("x") }, going)
  }
  const reader = createS3Reader(settingsFor(double), "a-bucket")
  const listed: string[] = []
  for await (const { key } of reader.list("many/", going)) listed.push(key)
  assert.deepEqual(listed.sort(), keys.sort())
  assert.equal(double.requests.filter(({ operation }) => operation === "ListObjectsV2").length, 3)
  await store.close()
  await reader.close()
})

test("Content-Encoding comes with the object, and a refusal is told with what to allow", async (t) => {
  const double = await S3Double.start({ buckets: ["a-bucket"] })
  t.after(() => double.close())
  const store = createS3Store(settingsFor(double))
  const object = { bucket: "a-bucket", key: "key", contentType: "text/plain", contentEncoding: "snappy-java" }
  await store.put({ ...object, encryption: { kind: "bucket-default" }, body: () => inOne("x") }, going)
  const reader = createS3Reader(settingsFor(double), "a-bucket")
  assert.equal((await reader.open("key", going)).contentEncoding, "snappy-java")
  double.fail({ kind: "answer", status: 403, code: "AccessDenied", operation: "GetObject" })
  await assert.rejects(
    reader.open("key", going),
    (error) => error instanceof ReadFailure && /allow s3:ListBucket and s3:GetObject/.test(error.message),
  )
  await store.close()
  await reader.close()
})

async function* inOne(text: string) {
  yield Buffer.from(text)
}

function settingsFor({ endpoint, region, credentials }: S3Double): S3StoreSettings {
  return {
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_SUPPORTED",
    connectTimeoutMs: 5_000,
    requestTimeoutMs: 5_000,
  }
}
