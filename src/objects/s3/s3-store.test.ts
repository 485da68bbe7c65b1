import assert from "node:assert/strict"
import { test } from "node:test"
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from "@aws-sdk/client-s3"
import { type FaultKind, type Operation, S3Double } from "../../../test/s3-double/index.ts"
import { objectStoreContract } from "../object-store.contract.ts"
import type { ObjectToPut } from "../store.ts"
import { createS3Store, type S3StoreSettings } from "./s3-store.ts"

objectStoreContract("The S3 store", async () => {
  // A body that is sent as aws-chunked would be refused.
  const double = await S3Double.start({ buckets: ["a-bucket"], awsChunked: "refuse" })
  const store = createS3Store(settingsFor(double))
  const reader = new S3Client({ ...settingsFor(double), maxAttempts: 1 })
  return {
    store,
    bucket: "a-bucket",
    async read(key) {
      try {
        const { Body } = await reader.send(new GetObjectCommand({ Bucket: "a-bucket", Key: key }))
        return Body && Buffer.from(await Body.transformToByteArray())
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw error
      }
    },
    async list() {
      const { Contents = [] } = await reader.send(new ListObjectsV2Command({ Bucket: "a-bucket" }))
      return Contents.map(({ Key = "" }) => Key)
    },
    async close() {
      await store.close()
      reader.destroy()
      assert.equal(double.uploadCount, 0, "uploads were neither completed nor aborted")
      await double.close()
    },
  }
})

const going = new AbortController().signal
const largeBytes = 17 * 1024 * 1024

test("What is said of an object goes with it, in one request or in parts", async () => {
  await withStore({}, async ({ double, store }) => {
    const keyArn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    for (const sizeBytes of [10, largeBytes]) {
      const encryption = { kind: "kms", keyArn } as const
      const object = { ...objectOf("described", sizeBytes), contentEncoding: "gzip", encryption }
      assert.deepEqual(await store.put(object, going), { kind: "stored", sizeBytes })
      assert.deepEqual(double.object("a-bucket", "described")?.headers, {
        "content-type": "application/octet-stream",
        "content-encoding": "gzip",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": keyArn,
      })
    }
    await store.put(objectOf("plain", 10), going)
    assert.deepEqual(double.object("a-bucket", "plain")?.headers, { "content-type": "application/octet-stream" })
  })
})

test("An object of up to 8 MiB is one request; a larger one is parts of 8 MiB, a few at a time", async () => {
  await withStore({}, async ({ double, store }) => {
    await store.put(objectOf("whole", 8 * 1024 * 1024), going)
    assert.deepEqual(seen(double), { PutObject: 1 })
    await store.put(objectOf("parts", 8 * 1024 * 1024 * 6 + 1), going)
    assert.deepEqual(seen(double), {
      PutObject: 1,
      CreateMultipartUpload: 1,
      UploadPart: 7,
      CompleteMultipartUpload: 1,
    })
    assert.equal(double.requestsUnderWayMax, 3)
    for (const { headers } of double.requests) assert(!headers.has("expect"))
  })
})

test("Checksums go with the content unless they are turned off", async () => {
  for (const [requestChecksumCalculation, expected] of [
    ["WHEN_SUPPORTED", true],
    ["WHEN_REQUIRED", false],
  ] as const) {
    await withStore({ requestChecksumCalculation }, async ({ double, store }) => {
      await store.put(objectOf("small", 10), going)
      await store.put(objectOf("large", largeBytes), going)
      const withContent = double.requests.filter(({ operation }) => /^(PutObject|UploadPart)$/.test(operation))
      assert.equal(withContent.length, 1 + 3)
      for (const { headers } of withContent) assert.equal(headers.has("x-amz-checksum-crc32"), expected)
    })
  }
})

interface FailureCase {
  readonly fault: FaultKind
  readonly code: string
  readonly mayBeStored: boolean
  readonly message: RegExp
}

const failures: readonly FailureCase[] = [
  refusal(403, "AccessDenied", "S3.AccessDenied", /answered 403 AccessDenied: .*; allow s3:PutObject/),
  refusal(403, "InvalidAccessKeyId", "S3.AccessDenied", /check the access key/),
  refusal(403, "SignatureDoesNotMatch", "S3.AccessDenied", /check the access key/),
  refusal(400, "ExpiredToken", "S3.InvalidToken", /renew the session token/),
  refusal(404, "NoSuchBucket", "S3.NoSuchBucket", /create the bucket/),
  refusal(405, "MethodNotAllowed", "S3.MethodNotAllowed", /405/),
  refusal(301, "PermanentRedirect", "S3.IllegalLocationConstraintException", /set the region/),
  refusal(400, "KMS.NotFoundException", "S3.KMS.NotFoundException", /correct the ARN/),
  refusal(400, "KMS.DisabledException", "S3.KMS.KeyDisabled", /enable the KMS key/),
  refusal(400, "KMS.KMSInvalidStateException", "S3.KMS.InvalidStateException", /usable state/),
  refusal(400, "EntityTooLarge", "InternalError", /answered 400 EntityTooLarge/),
  { ...refusal(503, "SlowDown", "S3.SlowDown", /answered 503 SlowDown/), mayBeStored: true },
  { ...refusal(500, "InternalError", "InternalError", /answered 500 InternalError/), mayBeStored: true },
  { fault: { kind: "garbage" }, code: "InternalError", mayBeStored: true, message: /502/ },
  { fault: { kind: "reset" }, code: "InternalError", mayBeStored: true, message: /no whole answer came/ },
  { fault: { kind: "lose-answer" }, code: "InternalError", mayBeStored: true, message: /no whole answer came/ },
]

/** Short enough not to slow the tests down, long enough for a busy machine to answer what does not hang. */
const shortTimeoutMs = 1_000

for (const { fault, code, mayBeStored, message } of failures) {
  const described = Object.values(fault).join(" ")

  test(`A PutObject that meets "${described}" is for later as ${code}, and the next attempt stores it`, async () => {
    await withStore({}, async ({ double, store }) => {
      double.fail({ ...fault, operation: "PutObject" })
      const outcome = await store.put(objectOf("key", 1000), going)
      assert(outcome.kind === "later")
      assert.deepEqual([outcome.code, outcome.mayBeStored], [code, mayBeStored])
      assert.match(outcome.message, /^Cannot store "key" in bucket "a-bucket": /)
      assert.match(outcome.message, message)
      assert.deepEqual(seen(double), { PutObject: 1 })
      assert.deepEqual(await store.put(objectOf("key", 1000), going), { kind: "stored", sizeBytes: 1000 })
    })
  })
}

for (const operation of ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"] as const) {
  for (const fault of [
    { kind: "answer", status: 403, code: "AccessDenied" },
    { kind: "answer", status: 503, code: "SlowDown" },
    { kind: "reset" },
  ] as const) {
    test(`When ${operation} meets "${Object.values(fault).join(" ")}", the upload is aborted and nothing is seen`, async () => {
      await withStore({}, async ({ double, store }) => {
        double.fail({ ...fault, operation })
        let closed = false
        const large: ObjectToPut = {
          ...objectOf("large", 0),
          async *body() {
            try {
              for (let chunkCount = 0; chunkCount < 17; chunkCount++) yield Buffer.alloc(1024 * 1024)
            } finally {
              closed = true
            }
          },
        }
        const outcome = await store.put(large, going)
        assert(outcome.kind === "later")
        assert(closed)
        // As long as nobody asked for the upload to be completed, it is certain that the object is not there.
        const asked = operation === "CompleteMultipartUpload"
        assert.equal(outcome.mayBeStored, asked && !(fault.kind === "answer" && fault.status === 403))
        assert.equal(double.uploadCount, 0)
        assert.deepEqual(double.keys("a-bucket"), [])
      })
    })
  }
}

for (const [operation, sizeBytes] of [
  ["PutObject", 1000],
  ["CompleteMultipartUpload", 8 * 1024 * 1024 + 1],
] as const) {
  for (const kind of ["hang", "stall"] as const) {
    const limit = { timeout: 20_000 }
    test(`The answer to ${operation} is not waited for without end when it ${kind}s`, limit, async () => {
      await withStore({ requestTimeoutMs: shortTimeoutMs }, async ({ double, store }) => {
        double.fail({ kind, operation })
        const outcome = await store.put(objectOf("key", sizeBytes), going)
        assert(outcome.kind === "later")
        assert.deepEqual([outcome.code, outcome.mayBeStored], ["InternalError", true])
        assert.match(outcome.message, /no whole answer came from the store: .*1000 ms/)
        assert.equal(double.object("a-bucket", "key")?.body.byteLength, kind === "stall" ? sizeBytes : undefined)
      })
    })
  }
}

test("An upload that was completed although the answer was lost stays, and may be stored", async () => {
  await withStore({}, async ({ double, store }) => {
    double.fail({ kind: "lose-answer", operation: "CompleteMultipartUpload" })
    const outcome = await store.put(objectOf("large", largeBytes), going)
    assert(outcome.kind === "later")
    assert.equal(outcome.mayBeStored, true)
    assert.doesNotMatch(outcome.message, /could not be aborted/)
    assert.equal(double.object("a-bucket", "large")?.body.byteLength, largeBytes)
  })
})

test("A large object is read no further than the parts that are being sent", async () => {
  await withStore({}, async ({ double, store }) => {
    const ending = new AbortController()
    let partsSeen = 0
    double.fail({ kind: "hang", operation: "UploadPart", times: 100 })
    double.onRequest = ({ operation }) => {
      if (operation === "UploadPart") partsSeen += 1
      if (partsSeen === 3) ending.abort()
    }
    let givenBytes = 0
    const endless: ObjectToPut = {
      ...objectOf("endless", 0),
      async *body() {
        for (;;) {
          givenBytes += 1024 * 1024
          yield Buffer.alloc(1024 * 1024)
        }
      },
    }
    await store.put(endless, ending.signal)
    assert.equal(partsSeen, 3)
    assert(givenBytes <= 4 * 8 * 1024 * 1024, `${givenBytes} bytes were read`)
  })
})

test("When one part is refused, the others that are being sent are not waited for", { timeout: 10_000 }, async () => {
  await withStore({ requestTimeoutMs: 600_000 }, async ({ double, store }) => {
    double.fail({ kind: "answer", status: 403, code: "AccessDenied", operation: "UploadPart" })
    double.fail({ kind: "hang", operation: "UploadPart", times: 10 })
    const outcome = await store.put(objectOf("large", largeBytes), going)
    assert(outcome.kind === "later")
    assert.equal(outcome.code, "S3.AccessDenied")
    assert.equal(double.uploadCount, 0)
  })
})

test("An upload that cannot be aborted is named, so that its parts can be found", async () => {
  await withStore({}, async ({ double, store }) => {
    double.fail({ kind: "answer", status: 500, code: "InternalError", operation: "UploadPart" })
    double.fail({ kind: "answer", status: 403, code: "AccessDenied", operation: "AbortMultipartUpload" })
    const outcome = await store.put(objectOf("large", largeBytes), going)
    assert(outcome.kind === "later")
    assert.equal(outcome.mayBeStored, false)
    assert.match(outcome.message, /; its upload [\w-]+ could not be aborted, so the store may keep its parts: /)
  })
})

test("A request that hangs ends with the attempt, and its upload is aborted", async () => {
  for (const [operation, sizeBytes, mayBeStored] of [
    ["PutObject", 1000, true],
    ["UploadPart", largeBytes, false],
    ["CompleteMultipartUpload", largeBytes, true],
  ] as const) {
    await withStore({}, async ({ double, store }) => {
      const ending = new AbortController()
      double.onRequest = (request) => {
        if (request.operation === operation) ending.abort()
      }
      double.fail({ kind: "hang", operation, times: 10 })
      const outcome = await store.put(objectOf("key", sizeBytes), ending.signal)
      assert(outcome.kind === "later")
      assert.equal(outcome.mayBeStored, mayBeStored)
      assert.match(outcome.message, /the attempt was ended/)
      assert.equal(double.uploadCount, 0)
      assert.deepEqual(double.keys("a-bucket"), [])
    })
  }
})

test("A bucket that is not there is told as such by the store itself", async () => {
  await withStore({}, async ({ store }) => {
    for (const sizeBytes of [10, largeBytes]) {
      const outcome = await store.put({ ...objectOf("key", sizeBytes), bucket: "no-bucket" }, going)
      assert(outcome.kind === "later")
      assert.deepEqual([outcome.code, outcome.mayBeStored], ["S3.NoSuchBucket", false])
    }
  })
})

test("Wrong credentials are refused by the signature check", async () => {
  const credentials = { accessKeyId: "AKIDS3DOUBLE", secretAccessKey: "not-the-secret" }
  await withStore({ credentials }, async ({ store }) => {
    const outcome = await store.put(objectOf("key", 10), going)
    assert(outcome.kind === "later")
    assert.equal(outcome.code, "S3.AccessDenied")
    assert.match(outcome.message, /SignatureDoesNotMatch/)
  })
})

test("A store that cannot be reached has certainly not stored anything", async () => {
  await withStore({}, async ({ double, store }) => {
    await double.close()
    const outcome = await store.put(objectOf("key", 10), going)
    assert(outcome.kind === "later")
    assert.deepEqual([outcome.code, outcome.mayBeStored], ["InternalError", false])
    assert.match(outcome.message, /ECONNREFUSED/)
  })
})

function refusal(status: number, s3Code: string, code: string, message: RegExp): FailureCase {
  return { fault: { kind: "answer", status, code: s3Code }, code, mayBeStored: false, message }
}

/** How often each operation was asked of the double. */
function seen(double: S3Double): Partial<Record<Operation, number>> {
  const counts: Partial<Record<Operation, number>> = {}
  for (const { operation } of double.requests) counts[operation] = (counts[operation] ?? 0) + 1
  return counts
}

interface Fixture {
  readonly double: S3Double
  readonly store: ReturnType<typeof createS3Store>
}

async function withStore(settings: Partial<S3StoreSettings>, use: (fixture: Fixture) => Promise<void>): Promise<void> {
  const double = await S3Double.start({ buckets: ["a-bucket"], awsChunked: "refuse" })
  const store = createS3Store(settingsFor(double, settings))
  try {
    await use({ double, store })
  } finally {
    await store.close()
    await store.close()
    await double.close()
  }
}

function settingsFor(double: S3Double, settings: Partial<S3StoreSettings> = {}): S3StoreSettings {
  return {
    region: double.region,
    endpoint: double.endpoint,
    credentials: double.credentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_SUPPORTED",
    connectTimeoutMs: 1000,
    requestTimeoutMs: 10_000,
    ...settings,
  }
}

function objectOf(key: string, sizeBytes: number): ObjectToPut {
  return {
    bucket: "a-bucket",
    key,
    contentType: "application/octet-stream",
    encryption: { kind: "bucket-default" },
    async *body() {
      yield Buffer.alloc(sizeBytes, "content ")
    },
  }
}
