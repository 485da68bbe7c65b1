import assert from "node:assert/strict"
import { Readable } from "node:stream"
import { test } from "node:test"
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from "@aws-sdk/client-s3"
import { S3Double, type S3DoubleOptions } from "./index.ts"

const Bucket = "a-bucket"
const noneWrong = (): S3ClientConfig => ({})

test("A streamed body comes as aws-chunked with a trailer, and is stored without either", async () => {
  await withDouble({}, noneWrong, async (double, client) => {
    const content = "chunk after chunk ".repeat(10_000)
    const Body = Readable.from([Buffer.from(content)])
    await client.send(new PutObjectCommand({ Bucket, Key: "key", Body, ContentLength: content.length }))
    assert.equal(double.requests[0]?.headers.get("x-amz-content-sha256"), "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    assert.equal(double.object(Bucket, "key")?.body.toString(), content)
    assert.equal(double.object(Bucket, "key")?.headers["content-encoding"], undefined)
  })
})

test("A double that cannot take aws-chunked refuses it", async () => {
  await withDouble({ awsChunked: "refuse" }, noneWrong, async (double, client) => {
    const put = new PutObjectCommand({ Bucket, Key: "key", Body: Readable.from([Buffer.from("12")]), ContentLength: 2 })
    await assert.rejects(client.send(put), { name: "NotImplemented" })
    assert.deepEqual(double.keys(Bucket), [])
  })
})

test("Bucket names in the host are understood, and objects are read and listed back", async () => {
  const lookup = (_host: string, _options: unknown, found: (error: null, addresses: object[]) => void) =>
    found(null, [{ address: "127.0.0.1", family: 4 }])
  await withDouble({}, noneWrong, async (double) => {
    const endpoint = double.endpoint.replace("127.0.0.1", "s3.localhost")
    const { region, credentials } = double
    const client = new S3Client({ endpoint, region, credentials, requestHandler: { httpAgent: { lookup } } })
    await client.send(new PutObjectCommand({ Bucket, Key: "a//b & c/é", Body: "content" }))
    assert.equal(double.requests[0]?.headers.get("host")?.split(":")[0], "a-bucket.s3.localhost")
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "a/" }))
    assert.deepEqual(
      Contents?.map(({ Key, Size }) => [Key, Size]),
      [["a//b & c/é", 7]],
    )
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "a//b & c/é" }))
    assert.equal(await Body?.transformToString(), "content")
    client.destroy()
  })
})

test("A body that was changed on the way is refused", async () => {
  await withDouble({}, noneWrong, async (double, client) => {
    client.middlewareStack.add(
      (next) => (args) => {
        assert(typeof args.request === "object" && args.request !== null)
        Object.assign(args.request, { body: Buffer.from("12345") })
        return next(args)
      },
      { step: "finalizeRequest", priority: "low" },
    )
    const put = new PutObjectCommand({ Bucket, Key: "key", Body: "12346" })
    await assert.rejects(client.send(put), { name: "XAmzContentSHA256Mismatch" })
    assert.deepEqual(double.keys(Bucket), [])
  })
})

test("Requests that are not signed, or not well, are refused", async () => {
  await withDouble({}, noneWrong, async (double) => {
    const unsigned = await fetch(`${double.endpoint}/${Bucket}/key`, { method: "PUT", body: "content" })
    assert.equal(unsigned.status, 403)
    assert.match(await unsigned.text(), /<Code>AccessDenied<\/Code>/)
    assert.deepEqual(double.requests, [])
  })
  for (const [wrong, name] of [
    [({ credentials }) => ({ credentials: { ...credentials, secretAccessKey: "other" } }), "SignatureDoesNotMatch"],
    [({ credentials }) => ({ credentials: { ...credentials, accessKeyId: "other" } }), "InvalidAccessKeyId"],
    [() => ({ region: "eu-west-1" }), "AuthorizationHeaderMalformed"],
    [() => ({ systemClockOffset: -3_600_000 }), "RequestTimeTooSkewed"],
  ] as const satisfies [(double: S3Double) => S3ClientConfig, string][]) {
    await withDouble({}, wrong, async (_, client) => {
      await assert.rejects(client.send(new PutObjectCommand({ Bucket, Key: "key", Body: "content" })), { name })
    })
  }
})

test("An upload in parts obeys S3's rules", async () => {
  await withDouble({}, noneWrong, async (double, client) => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "key" }))
    const upload = { Bucket, Key: "key", UploadId }
    const send = async (PartNumber: number, sizeBytes: number): Promise<CompletedPart> => {
      const { ETag } = await client.send(
        new UploadPartCommand({ ...upload, PartNumber, Body: Buffer.alloc(sizeBytes) }),
      )
      return { PartNumber, ...(ETag !== undefined && { ETag }) }
    }
    const complete = (...Parts: CompletedPart[]) =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
    const large = await send(1, 5 * 1024 * 1024)
    const small = await send(2, 10)
    const last = await send(3, 10)

    await assert.rejects(complete(large, large), { name: "InvalidPartOrder" })
    await assert.rejects(complete(large, small, last), { name: "EntityTooSmall" })
    await assert.rejects(complete({ ...large, PartNumber: 4 }), { name: "InvalidPart" })
    assert.deepEqual([double.uploadCount, double.keys(Bucket)], [1, []])
    await complete(large, last)
    assert.deepEqual([double.uploadCount, double.keys(Bucket)], [0, ["key"]])
    assert.equal(double.object(Bucket, "key")?.body.byteLength, 5 * 1024 * 1024 + 10)
    await assert.rejects(complete(large, last), { name: "NoSuchUpload" })
  })
})

async function withDouble(
  options: Partial<S3DoubleOptions>,
  wrong: (double: S3Double) => S3ClientConfig,
  use: (double: S3Double, client: S3Client) => Promise<void>,
): Promise<void> {
  const double = await S3Double.start({ buckets: [Bucket], ...options })
  const { endpoint, region, credentials } = double
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1, ...wrong(double) })
  try {
    await use(double, client)
  } finally {
    client.destroy()
    await double.close()
  }
}
