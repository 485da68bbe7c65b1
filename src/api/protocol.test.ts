import assert from "node:assert/strict"
import { once } from "node:events"
import { type ClientRequest, request } from "node:http"
import { connect } from "node:net"
import { test } from "node:test"
import { InvalidKMSResourceException, ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose"
import type { Catalog } from "../streams/index.ts"
import { ByteBudget } from "./byte-budget.ts"
import { invalidKmsResource } from "./errors.ts"
import { startApi } from "./testing.ts"

test("A request is refused while others hold all the memory there is for them, and taken again when they are over", async (t) => {
  const requestBudget = new ByteBudget(100)
  const { call, logger, metrics } = await startApi(t, { requestBudget })
  assert.equal((await call("ListDeliveryStreams", "{}".padEnd(100))).status, 200)
  const refused = await call("ListDeliveryStreams", "{}".padEnd(101))
  assert.equal(refused.status, 503)
  assert.equal(refused.text, '{"__type":"ServiceUnavailableException","message":"Slow down."}')
  assert.equal(logger.at("warn").length, 1)
  assert.equal(metrics.counts["Hydrant.RequestsRefused"], 1)
  assert.equal((await call("ListDeliveryStreams", "{}".padEnd(100))).status, 200)
})

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const json = "application/x-amz-json-1.1"
const list = "Firehose_20150804.ListDeliveryStreams"
const noName = `<AccessDeniedException>
  <Message>Unable to determine service/operation name to be authorized</Message>
</AccessDeniedException>
`
const unknown = '{"__type":"UnknownOperationException"}'
const serialization = '{"__type":"SerializationException"}'

test("An answer carries its request id, a second id, its length and the date, and is compact JSON", async (t) => {
  const { call } = await startApi(t)
  const { status, headers, text } = await call("ListDeliveryStreams", "{}")
  assert.equal(status, 200)
  assert.equal(text, '{"DeliveryStreamNames":[],"HasMoreDeliveryStreams":false}')
  assert.match(headers.get("x-amzn-requestid") ?? "", uuid)
  assert.equal(Buffer.from(headers.get("x-amz-id-2") ?? "", "base64").length, 72)
  assert.equal(headers.get("content-type"), json)
  assert.equal(headers.get("content-length"), String(text.length))
  assert.ok(Math.abs(Date.parse(headers.get("date") ?? "") - Date.now()) < 60_000)
  assert.equal(headers.get("x-amzn-errortype"), null)
  assert.equal(headers.get("access-control-allow-origin"), null)
})

const mistakes: readonly {
  readonly name: string
  readonly method?: string
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array
  readonly answer: readonly [status: number, body: string]
}[] = [
  {
    name: "Another method than POST",
    method: "GET",
    headers: { "content-type": json, "x-amz-target": list },
    answer: [403, noName],
  },
  { name: "OPTIONS without an origin", method: "OPTIONS", headers: {}, answer: [403, noName] },
  {
    name: "Another content type and no target",
    headers: { "content-type": "text/plain" },
    body: "{}",
    answer: [403, noName],
  },
  { name: "No content type and no target", headers: {}, answer: [403, noName] },
  {
    name: "Another content type with a target",
    headers: { "content-type": "application/json", "x-amz-target": list },
    body: "{}",
    answer: [404, "<UnknownOperationException/>\n"],
  },
  { name: "An empty body", headers: { "content-type": json, "x-amz-target": list }, answer: [400, serialization] },
  {
    name: "An empty body and an unknown target",
    headers: { "content-type": json, "x-amz-target": "x" },
    answer: [400, unknown],
  },
  { name: "An empty body and no target", headers: { "content-type": json }, answer: [400, unknown] },
  {
    name: "A body that is no JSON, before an unknown target",
    headers: { "content-type": json, "x-amz-target": "x" },
    body: "{",
    answer: [400, serialization],
  },
  ...["[]", "null", "1", '"a"', "\ufeff{}", "{}{}"].map((body) => ({
    name: `The body ${body}`,
    headers: { "content-type": json, "x-amz-target": list },
    body,
    answer: [400, serialization] as const,
  })),
  {
    name: "A body that is not UTF-8",
    headers: { "content-type": json, "x-amz-target": list },
    body: Buffer.from('{"ExclusiveStartDeliveryStreamName":"a\xff"}', "latin1"),
    answer: [400, serialization],
  },
  { name: "No target", headers: { "content-type": json }, body: "{}", answer: [400, unknown] },
  {
    name: "An operation that there is not",
    headers: { "content-type": json, "x-amz-target": "Firehose_20150804.Nothing" },
    body: "{}",
    answer: [400, unknown],
  },
  {
    name: "An operation in another case",
    headers: { "content-type": json, "x-amz-target": "Firehose_20150804.listDeliveryStreams" },
    body: "{}",
    answer: [400, unknown],
  },
  {
    name: "Another service's target",
    headers: { "content-type": json, "x-amz-target": "Kinesis_20131202.ListStreams" },
    body: "{}",
    answer: [400, unknown],
  },
  {
    name: "The name of a member of every object",
    headers: { "content-type": json, "x-amz-target": "constructor" },
    body: "{}",
    answer: [400, unknown],
  },
]

for (const { name, method = "POST", headers, body, answer } of mistakes) {
  test(`${name} is answered with ${answer[0]} ${answer[1].split("\n")[0]}`, async (t) => {
    const { url } = await startApi(t)
    const bytes = typeof body === "string" ? Buffer.from(body) : body
    const answered = await fetch(url, { method, headers, ...(bytes === undefined ? {} : { body: bytes }) })
    assert.deepEqual([answered.status, await answered.text()], answer)
    assert.match(answered.headers.get("x-amzn-requestid") ?? "", uuid)
    const isJson = answer[1].startsWith("{")
    assert.equal(answered.headers.get("x-amzn-errortype"), isJson ? JSON.parse(answer[1]).__type : null)
    assert.equal(answered.headers.get("content-type"), isJson ? json : null)
  })
}

test("The answer to an unknown operation has exactly 38 bytes", () => {
  assert.equal(Buffer.byteLength(unknown), 38)
})

test("The path, parameters of the content type and headers that are not known do not matter", async (t) => {
  const { url } = await startApi(t)
  const headers = { "content-type": `${json}; charset=utf-8`, "x-amz-target": list, "amz-sdk-request": "attempt=1" }
  const answer = await fetch(`${url}/any/path?and=query`, { method: "POST", headers, body: "{}" })
  assert.equal(answer.status, 200)
})

test("Mistakes are told in the order: JSON, target, signature, types of members, limits, existence", async (t) => {
  const { call } = await startApi(t, {
    authenticate: ({ rawHeaders }) =>
      rawHeaders.includes("signed")
        ? { kind: "accepted", accessKeyId: "AKID" }
        : { kind: "refused", type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" },
  })
  const signed = { authorization: "signed" }
  const type = async (operation: string, body: string, headers = {}) =>
    JSON.parse((await call(operation, body, headers)).text).__type
  assert.equal(await type("Nothing", "{"), "SerializationException")
  assert.equal(await type("Nothing", "{}"), "UnknownOperationException")
  assert.equal(await type("PutRecord", '{"DeliveryStreamName":1}'), "MissingAuthenticationTokenException")
  assert.equal(await type("PutRecord", '{"DeliveryStreamName":"ä","Record":1}', signed), "SerializationException")
  assert.equal(await type("PutRecord", '{"DeliveryStreamName":"ä"}', signed), "ValidationException")
  const put = '{"DeliveryStreamName":"a","Record":{"Data":""}}'
  assert.equal(await type("PutRecord", put, signed), "ResourceNotFoundException")
})

test("A refused signature is answered with status 400, its type and its message", async (t) => {
  const { call } = await startApi(t, {
    authenticate: () => ({ kind: "refused", type: "InvalidSignatureException", message: "Signature expired: now" }),
  })
  const { status, headers, text } = await call("ListDeliveryStreams", "{}")
  assert.equal(status, 400)
  assert.equal(headers.get("x-amzn-errortype"), "InvalidSignatureException")
  assert.equal(text, '{"__type":"InvalidSignatureException","message":"Signature expired: now"}')
})

test("A signature is checked over the request exactly as it came in", async (t) => {
  const seen: unknown[] = []
  const { url } = await startApi(t, {
    authenticate: ({ method, url: path, rawHeaders, body }) => {
      seen.push(method, path, rawHeaders[rawHeaders.indexOf("X-MiXeD") + 1], Buffer.from(body).toString())
      return { kind: "accepted", accessKeyId: undefined }
    },
  })
  const sent = request(`${url}/a%20b?c=d`, {
    method: "POST",
    headers: { "content-type": json, "x-amz-target": list, "X-MiXeD": "a  b" },
  })
  sent.end('{ "Limit" : 1 }')
  assert.equal((await answerOf(sent)).status, 200)
  assert.deepEqual(seen, ["POST", "/a%20b?c=d", "a  b", '{ "Limit" : 1 }'])
})

test("Of members with a wrong JSON type the first one is told alone, under Message", async (t) => {
  const { call } = await startApi(t)
  const { status, text } = await call("DescribeDeliveryStream", { DeliveryStreamName: 1, Limit: "x" })
  assert.equal(status, 400)
  const message = "class java.math.BigDecimal can not be converted to an String"
  assert.equal(text, JSON.stringify({ __type: "SerializationException", Message: message }))
})

test("Broken limits are told all at once, under message", async (t) => {
  const { call } = await startApi(t)
  const { status, text } = await call("DescribeDeliveryStream", { DeliveryStreamName: "a b", Limit: 0 })
  assert.equal(status, 400)
  assert.deepEqual(JSON.parse(text), {
    __type: "ValidationException",
    message:
      "2 validation errors detected: " +
      "Value 'a b' at 'deliveryStreamName' failed to satisfy constraint: " +
      "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
  })
})

test("Members that are null or unknown are as if absent, and of two with one name the last counts", async (t) => {
  const { call } = await startApi(t)
  const body = '{"Limit":null,"Limitless":[1],"DeliveryStreamType":1,"DeliveryStreamType":"DirectPut"}'
  assert.equal((await call("ListDeliveryStreams", body)).status, 200)
})

test("Members named __proto__ or constructor change nothing", async (t) => {
  const { call } = await startApi(t)
  const body = '{"__proto__":{"DeliveryStreamName":"a","Limit":"x"},"constructor":{"prototype":{"Limit":"x"}}}'
  assert.equal((await call("ListDeliveryStreams", body)).status, 200)
  assert.match((await call("DescribeDeliveryStream", body)).text, /Value null at 'deliveryStreamName'/)
  assert.equal(Object.hasOwn(Object.prototype, "Limit"), false)
})

test("JSON that is nested a hundred thousand times is answered as any other", async (t) => {
  const { call } = await startApi(t)
  const lists = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
  const structures = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`
  assert.equal((await call("ListDeliveryStreams", `{"Unknown":${lists}}`)).status, 200)
  assert.equal((await call("ListDeliveryStreams", structures)).status, 200)
  assert.equal((await call("DescribeDeliveryStream", `{"DeliveryStreamName":${lists}}`)).status, 400)
  assert.equal(
    (await call("CreateDeliveryStream", `{"DeliveryStreamName":"a","S3DestinationConfiguration":${structures}}`))
      .status,
    400,
  )
})

test("Errors with a code keep their name for clients that look at the code first", async (t) => {
  const { client, call } = await startApi(t, {
    catalog: failingCatalog(invalidKmsResource("KMS.DisabledException", "The key is disabled")),
  })
  const { text } = await call("ListDeliveryStreams", "{}")
  const message = "The key is disabled"
  assert.equal(text, JSON.stringify({ __type: "InvalidKMSResourceException", code: "KMS.DisabledException", message }))
  await assert.rejects(client.send(new ListDeliveryStreamsCommand({})), InvalidKMSResourceException)
})

test("What should not have happened is an InternalFailure that tells nothing; the log has the cause by request id", async (t) => {
  const cause = new Error("secret detail")
  const { call, logger } = await startApi(t, { catalog: failingCatalog(cause) })
  const { status, headers, text } = await call("ListDeliveryStreams", "{}")
  assert.equal(status, 500)
  assert.equal(headers.get("x-amzn-errortype"), "InternalFailure")
  assert.deepEqual(JSON.parse(text), {
    __type: "InternalFailure",
    message: "The request processing has failed because of an unknown error, exception or failure.",
  })
  const requestId = headers.get("x-amzn-requestid")
  assert.deepEqual(
    logger.at("error").map((line) => line.fields),
    [{ requestId, target: list, err: cause }],
  )
})

test("A page in a browser may ask beforehand, and may read the answer's headers", async (t) => {
  const { url, call } = await startApi(t)
  const origin = { origin: "http://page.example" }
  const asked = await fetch(url, {
    method: "OPTIONS",
    headers: {
      ...origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "x-amz-target,x-a",
    },
  })
  assert.equal(asked.status, 200)
  assert.equal(await asked.text(), "")
  assert.equal(asked.headers.get("access-control-allow-origin"), "*")
  assert.equal(asked.headers.get("access-control-allow-methods"), "POST")
  assert.equal(asked.headers.get("access-control-allow-headers"), "x-amz-target,x-a")
  assert.equal(asked.headers.get("access-control-max-age"), "172800")
  const { headers } = await call("Nothing", "{}", origin)
  assert.equal(headers.get("access-control-allow-origin"), "*")
  assert.match(headers.get("access-control-expose-headers") ?? "", /x-amzn-RequestId,x-amzn-ErrorType,.*Date/)
})

test("Where anybody may call, a page in a browser may not", async (t) => {
  const { url, call } = await startApi(t, { openToPages: false })
  const origin = { origin: "http://page.example" }
  assert.equal((await fetch(url, { method: "OPTIONS", headers: origin })).status, 403)
  const { status, headers } = await call("ListDeliveryStreams", "{}", origin)
  assert.deepEqual([status, headers.get("access-control-allow-origin")], [403, null])
})

const mib = 1024 * 1024

test("A body of 7 MiB is read", async (t) => {
  const { call } = await startApi(t)
  const body = `{"Unknown":"${"x".repeat(7 * mib - 14)}"}`
  assert.equal(body.length, 7 * mib)
  assert.equal((await call("ListDeliveryStreams", body)).status, 200)
})

test("A body that turns out to be larger is refused, and its connection closed", async (t) => {
  const { url } = await startApi(t)
  const sent = request(url, { method: "POST", headers: { "content-type": json, "transfer-encoding": "chunked" } })
  sent.end(Buffer.alloc(7 * mib + 1, "x"))
  const { status, headers, text } = await answerOf(sent)
  assert.deepEqual([status, text, headers["connection"]], [413, "", "close"])
  assert.match(String(headers["x-amzn-requestid"]), uuid)
})

test("A client that sends much more than is taken sees why it is refused", async (t) => {
  const { url } = await startApi(t)
  for (let time = 0; time < 5; time++) {
    const sent = request(url, { method: "POST", agent: false, headers: { "content-type": json } })
    sent.end(Buffer.alloc(20 * mib, "x"))
    assert.equal((await answerOf(sent)).status, 413)
  }
})

test("A body without end is cut off", async (t) => {
  const { url } = await startApi(t)
  const sent = request(url, { method: "POST", agent: false, headers: { "transfer-encoding": "chunked" } })
  const closed = new Promise((resolve) => sent.on("close", resolve))
  sent.on("error", () => undefined)
  const more = () => {
    while (!sent.destroyed && sent.write(Buffer.alloc(mib)));
  }
  sent.on("drain", more)
  more()
  await closed
})

test("A client that goes away in the middle of its body is dropped quietly", async (t) => {
  const { port, logger, call } = await startApi(t)
  const socket = connect(port, "127.0.0.1")
  socket.write(
    `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: ${json}\r\nx-amz-target: ${list}\r\ncontent-length: 100\r\n\r\n{"Lim`,
  )
  const dropped = new Promise<void>((resolve) => {
    const { lines } = logger
    const push = lines.push.bind(lines)
    lines.push = (line) => {
      resolve()
      return push(line)
    }
  })
  await once(socket, "connect")
  socket.resetAndDestroy()
  await dropped
  assert.deepEqual(
    logger.lines.map((line) => line.level),
    ["debug"],
  )
  assert.equal((await call("ListDeliveryStreams", "{}")).status, 200)
})

test("The log holds nothing of a record that was refused", async (t) => {
  const { logger, call } = await startApi(t)
  const answer = await call("PutRecord", '{"DeliveryStreamName":"s","Record":{"Data":"c2VjcmV0!"}}')
  assert.match(answer.text, /c2VjcmV0!/)
  assert.ok(logger.at("debug").length > 0)
  assert.doesNotMatch(JSON.stringify(logger.lines), /c2VjcmV0/)
})

test("A client that goes away before its answer does no harm", async (t) => {
  const { port, ingest, logger, call, createActive } = await startApi(t)
  await createActive("s")
  let release = () => {}
  const arrived = new Promise<void>((resolve) => {
    ingest.put = async () => {
      resolve()
      await new Promise<void>((released) => {
        release = released
      })
      return { kind: "stored", recordIds: { count: 1, joined: () => "a" }, sealed: false }
    }
  })
  const body = '{"DeliveryStreamName":"s","Record":{"Data":""}}'
  const socket = connect(port, "127.0.0.1")
  socket.write(
    `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: ${json}\r\nx-amz-target: Firehose_20150804.PutRecord\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  await arrived
  socket.resetAndDestroy()
  await once(socket, "close")
  release()
  assert.equal((await call("ListDeliveryStreams", "{}")).status, 200)
  assert.deepEqual(logger.at("error"), [])
})

test("A client that waits for 100-continue is told to go on", async (t) => {
  const { url } = await startApi(t)
  const sent = request(url, {
    method: "POST",
    headers: { "content-type": json, "x-amz-target": list, "content-length": 2, expect: "100-continue" },
  })
  sent.flushHeaders()
  await once(sent, "continue")
  sent.end("{}")
  assert.equal((await answerOf(sent)).status, 200)
})

test("How long calls take is measured for the operations that AWS publishes it of, failed calls too", async (t) => {
  const { call, metrics } = await startApi(t)
  for (const name of [
    "ListDeliveryStreams",
    "DescribeDeliveryStream",
    "UpdateDestination",
    "PutRecord",
    "PutRecordBatch",
    "DeleteDeliveryStream",
  ]) {
    await call(name, "{}")
  }
  assert.deepEqual(metrics.latencies, [
    "ListDeliveryStreams.Latency",
    "DescribeDeliveryStream.Latency",
    "UpdateDeliveryStream.Latency",
    "PutRecord.Latency",
    "PutRecordBatch.Latency",
  ])
})

/** A catalog in which nothing works. */
function failingCatalog(error: Error): Catalog {
  const fail = () => {
    throw error
  }
  return { find: fail, list: fail, create: fail, change: fail, remove: fail, onChange: fail }
}

async function answerOf(sent: ClientRequest) {
  const [response] = await once(sent, "response")
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }
}
