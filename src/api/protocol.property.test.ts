import assert from "node:assert/strict"
import { connect } from "node:net"
import { test } from "node:test"
import fc from "fast-check"
import { startApi, storeConfiguration, type TestAnswer } from "./testing.ts"

const operations = [
  "CreateDeliveryStream",
  "DeleteDeliveryStream",
  "DescribeDeliveryStream",
  "ListDeliveryStreams",
  "ListTagsForDeliveryStream",
  "PutRecord",
  "PutRecordBatch",
  "StartDeliveryStreamEncryption",
  "StopDeliveryStreamEncryption",
  "TagDeliveryStream",
  "UntagDeliveryStream",
  "UpdateDestination",
]

/** One request with a member of everything that any operation takes. */
const valid = JSON.stringify({
  DeliveryStreamName: "s",
  DeliveryStreamType: "DirectPut",
  CurrentDeliveryStreamVersionId: "1",
  DestinationId: "destinationId-000000000001",
  Limit: 1,
  ExtendedS3DestinationConfiguration: storeConfiguration,
  ExtendedS3DestinationUpdate: { Prefix: "a/" },
  Record: { Data: "YQ==" },
  Records: [{ Data: "YQ==" }, { Data: "" }],
  Tags: [{ Key: "k", Value: "v" }],
  TagKeys: ["k"],
})

test("Any bytes are answered with a well-formed error", async (t) => {
  const { call } = await startApi(t)
  const body = fc.uint8Array({ minLength: 1, maxLength: 200 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...operations), body, async (operation, bytes) => {
      assertWellFormed(await call(operation, bytes))
    }),
    { numRuns: 150 },
  )
})

test("Any JSON is answered with success or a well-formed error", async (t) => {
  const { call, createActive } = await startApi(t)
  await createActive("s")
  const names = fc.constantFrom(...Object.keys(JSON.parse(valid)), "__proto__", "constructor", "Data", "Key")
  const size = { maxLength: 4, maxKeys: 4 }
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("tree"), size),
      fc.dictionary(names, tie("tree"), size),
    ),
  }))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...operations), fc.dictionary(names, tree), async (operation, input) => {
      assertWellFormed(await call(operation, input))
    }),
    { numRuns: 150 },
  )
})

test("A valid request with some bytes changed is answered with success or a well-formed error", async (t) => {
  const { call, createActive } = await startApi(t)
  await createActive("s")
  const change = fc.record({
    at: fc.nat(valid.length - 1),
    remove: fc.nat(3),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.constantFrom(...'"{}[],:\\0'.split("")).map((c) => Buffer.from(c)),
    ),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...operations),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (operation, changes) => {
        let body = Buffer.from(valid)
        for (const { at, remove, insert } of changes) {
          body = Buffer.concat([body.subarray(0, at), insert, body.subarray(at + remove)])
        }
        assertWellFormed(await call(operation, body))
      },
    ),
    { numRuns: 150 },
  )
})

test("Any values of headers that HTTP allows are answered", async (t) => {
  const { port, logger } = await startApi(t)
  const names = [
    "content-type",
    "x-amz-target",
    "origin",
    "access-control-request-headers",
    "access-control-request-method",
  ]
  const value = fc.oneof(
    fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 20 }),
    fc.constantFrom("application/x-amz-json-1.1", "Firehose_20150804.PutRecord", ";", "."),
  )
  const headers = fc.dictionary(fc.constantFrom(...names), value)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("POST", "OPTIONS", "GET", "PUT"), headers, async (method, given) => {
      const lines = Object.entries(given).map(([name, text]) => `${name}: ${text}\r\n`)
      const head = `${method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n${lines.join("")}\r\n`
      assert.match(await exchange(port, Buffer.from(`${head}{}`, "latin1")), /^HTTP\/1\.1 (200|400|403|404) /)
    }),
    { numRuns: 150 },
  )
  assert.deepEqual(logger.at("error"), [])
})

async function exchange(port: number, bytes: Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1")
  socket.end(bytes)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks).toString("latin1")
}

function assertWellFormed({ status, headers, text }: TestAnswer): void {
  assert.equal(headers.get("content-type"), "application/x-amz-json-1.1")
  const { __type: type, message, Message, ...others } = JSON.parse(text)
  assert.equal(headers.get("x-amzn-errortype"), type ?? null)
  if (status === 200) return
  assert.equal(status, 400, text)
  assert.match(type, /^[A-Z][A-Za-z]+Exception$/)
  assert.deepEqual(others, {})
  assert.ok(text.length < 8192, "Some clients read errors into a small buffer")
  for (const told of [message, Message]) assert.ok(told === undefined || typeof told === "string")
}
