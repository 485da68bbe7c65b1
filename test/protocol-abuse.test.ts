/** The real process among clients that break every rule: it answers or closes, and who keeps the rules notices nothing. */
import assert from "node:assert/strict"
import { request as httpRequest } from "node:http"
import { test } from "node:test"
import { connect as connectTls } from "node:tls"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { createStream, firehoseClient, flush, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { RawConnection } from "./support/raw-connection.ts"
import { type RunningServer, Stage } from "./support/running-server.ts"

const mebibyte = 1024 * 1024

/** Records of good clients go to one stream; whatever the bad ones send is meant for the other. */
const goodStream = "good"
const abusedStream = "abused"

/** A good client beside the bad ones. */
interface GoodClient {
  /** Puts so many times, and resolves when all is acknowledged. */
  puts(times: number): Promise<void>
}

/** What is asked of a server, as a whole request. */
interface BadRequest {
  readonly name: string
  readonly method?: string
  readonly target?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Sent without a Content-Length. */
  readonly chunked?: boolean
  readonly status: number
  /** The error's type; undefined when the answer is not AWS JSON. */
  readonly type?: string
}

const put = (members: object) => JSON.stringify({ DeliveryStreamName: abusedStream, ...members })
const putData = (Data: unknown) => put({ Record: { Data } })

const badRequests: readonly BadRequest[] = [
  {
    name: "JSON that ends in the middle",
    body: '{"DeliveryStreamName":"abu',
    status: 400,
    type: "SerializationException",
  },
  { name: "a JSON list", body: "[]", status: 400, type: "SerializationException" },
  { name: "two JSON objects", body: "{}{}", status: 400, type: "SerializationException" },
  {
    name: "bytes that are not UTF-8",
    body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    status: 400,
    type: "SerializationException",
  },
  { name: "a million opened lists", body: "[".repeat(1_000_000), status: 400, type: "SerializationException" },
  { name: "no body", body: "", status: 400, type: "SerializationException" },
  {
    name: "a deeply nested value in a member's place",
    body: `{"DeliveryStreamName":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    status: 400,
    type: "SerializationException",
  },
  {
    name: "members called as those of every object",
    body: '{"__proto__":{"Record":{"Data":""}},"constructor":"x","DeliveryStreamName":"abused"}',
    status: 400,
    type: "ValidationException",
  },
  { name: "a number for a name", body: put({ DeliveryStreamName: 1 }), status: 400, type: "SerializationException" },
  { name: "a list for a record", body: put({ Record: [] }), status: 400, type: "SerializationException" },
  { name: "null for a record", body: put({ Record: null }), status: 400, type: "ValidationException" },
  {
    name: "a name that leaves the folder",
    body: put({ DeliveryStreamName: "../../etc" }),
    status: 400,
    type: "ValidationException",
  },
  {
    name: "a stream that is not there",
    body: put({ DeliveryStreamName: "absent", Record: { Data: "" } }),
    status: 400,
    type: "ResourceNotFoundException",
  },
  { name: "base64 without padding", body: putData("YQ"), status: 400, type: "SerializationException" },
  { name: "base64 of URLs", body: putData("-_=="), status: 400, type: "SerializationException" },
  { name: "base64 with a line break", body: putData("YWJj\nYWJj"), status: 400, type: "SerializationException" },
  { name: "two base64 texts glued together", body: putData("YQ==YQ=="), status: 400, type: "SerializationException" },
  { name: "a record of a byte too much", body: putData(base64(1_024_001)), status: 400, type: "ValidationException" },
  {
    name: "a batch of a byte too much",
    target: "PutRecordBatch",
    body: put({ Records: [...Array.from({ length: 5 }, () => ({ Data: base64(838_860) })), { Data: base64(5) }] }),
    status: 400,
    type: "InvalidArgumentException",
  },
  {
    name: "a batch of 501 records, the last one bad",
    target: "PutRecordBatch",
    body: put({ Records: Array.from({ length: 501 }, () => ({ Data: "" })) }),
    status: 400,
    type: "ValidationException",
  },
  {
    name: "a batch with one bad record among good ones",
    target: "PutRecordBatch",
    body: put({ Records: [{ Data: "YWJj" }, { Data: "YWJj" }, { Data: "?" }] }),
    status: 400,
    type: "SerializationException",
  },
  { name: "an unknown operation", target: "DropAllTables", body: "{}", status: 400, type: "UnknownOperationException" },
  {
    name: "an operation in small letters",
    target: "putrecord",
    body: putData("YWJj"),
    status: 400,
    type: "UnknownOperationException",
  },
  {
    name: "an operation of every object",
    target: "constructor",
    body: "{}",
    status: 400,
    type: "UnknownOperationException",
  },
  { name: "another content type", headers: { "content-type": "text/plain" }, body: putData("YWJj"), status: 404 },
  { name: "another method", method: "PUT", body: putData("YWJj"), status: 403 },
  { name: "8 MiB", body: Buffer.alloc(8 * mebibyte, "x"), status: 413 },
  { name: "8 MiB in chunks", body: Buffer.alloc(8 * mebibyte, "x"), chunked: true, status: 413 },
  { name: "64 KiB of headers", headers: { "x-large": "x".repeat(65_536) }, body: "{}", status: 431 },
]

/** What a client does with a connection of its own, beside `good`. It returns when it has seen what it asks for. */
interface BadConnection {
  readonly name: string
  run(server: RunningServer, good: GoodClient): Promise<void>
}

const badConnections: readonly BadConnection[] = [
  {
    name: "many that connect and say nothing",
    async run({ apiUrl }, good) {
      const silent = await openMany(apiUrl, 200)
      await good.puts(5)
      for (const connection of silent) connection.reset()
    },
  },
  {
    name: "many that stop in the middle of a large body",
    async run({ apiUrl }, good) {
      const stuck = await openMany(apiUrl, 30)
      const head = requestHead({ "content-length": "5000000" })
      for (const connection of stuck) connection.send(head + "x".repeat(200_000))
      await good.puts(10)
      assert.deepEqual(new Set(stuck.map(({ received }) => received)), new Set([""]))
      for (const connection of stuck) connection.reset()
    },
  },
  {
    name: "one that sends a byte at a time gets its answer in the end",
    async run({ apiUrl }, good) {
      const connection = await RawConnection.open(apiUrl)
      const body = putData("!")
      for (const byte of requestHead({ "content-length": `${body.length}` }) + body) {
        connection.send(byte)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await good.puts(1)
      assert.match(await connection.until(/Blob/), /^HTTP\/1\.1 400 .*SerializationException/s)
      connection.reset()
    },
  },
  {
    name: "one that ends in the middle of its headers",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Le")
      connection.finish()
      assert.match(await connection.untilClosed(), /^(HTTP\/1\.1 400 .*)?$/s)
    },
  },
  {
    name: "one whose put lacks its last byte stores nothing",
    async run({ apiUrl }) {
      const body = putData("YWJj")
      const connection = await RawConnection.open(apiUrl)
      connection.send(requestHead({ "content-length": `${body.length}` }) + body.slice(0, -1))
      connection.finish()
      assert.match(await connection.untilClosed(), /^(HTTP\/1\.1 400 .*)?$/s)
    },
  },
  {
    name: "many that go away in the middle of a body",
    async run({ apiUrl }, good) {
      const cut = await openMany(apiUrl, 50)
      for (const connection of cut) {
        connection.send(`${requestHead({ "content-length": "100000" })}{"DeliveryStreamName":`)
        connection.reset()
      }
      await good.puts(3)
    },
  },
  {
    name: "many that go away before their answer",
    async run({ apiUrl }, good) {
      const body = put({ Record: { Data: "?" } })
      const hasty = await openMany(apiUrl, 50)
      for (const connection of hasty) {
        connection.send(requestHead({ "content-length": `${body.length}` }) + body)
        connection.reset()
      }
      await good.puts(3)
    },
  },
  {
    name: "one that sends garbage is answered with 400 and closed",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      connection.send(Buffer.from([0, 1, 2, 3, 255, 254, 13, 10, 13, 10]))
      assert.match(await connection.untilClosed(), /^HTTP\/1\.1 400 /)
    },
  },
  {
    name: "one that sends garbage right after a request is closed too",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      connection.send(`${requestHead({ "content-length": "2" }, "ListDeliveryStreams")}{}\0\0garbage\r\n\r\n`)
      assert.match(await connection.untilClosed(), /HTTP\/1\.1 400 /)
    },
  },
  {
    name: "one that sends many requests at once gets their answers in order",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      const list = `${requestHead({ "content-length": "2" }, "ListDeliveryStreams")}{}`
      const unknown = `${requestHead({ "content-length": "2" }, "Nothing")}{}`
      connection.send((list + unknown).repeat(20))
      const received = await connection.until(/(UnknownOperationException"}.*?){20}/s)
      const statuses = [...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)
      assert.deepEqual(statuses, Array.from({ length: 20 }, () => ["200", "400"]).flat())
      connection.reset()
    },
  },
  {
    name: "one that gives two lengths is refused",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      connection.send(`${requestHead({ "content-length": "2", "transfer-encoding": "chunked" })}0\r\n\r\n{}`)
      assert.match(await connection.untilClosed(), /^HTTP\/1\.1 400 /)
    },
  },
  {
    name: "one whose chunks are no chunks is refused",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      connection.send(`${requestHead({ "transfer-encoding": "chunked" })}zz\r\n{}\r\n0\r\n\r\n`)
      assert.match(await connection.untilClosed(), /^(HTTP\/1\.1 400 .*)?$/s)
    },
  },
  {
    name: "one that waits for leave to send its body gets it",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      connection.send(requestHead({ "content-length": "2", expect: "100-continue" }, "ListDeliveryStreams"))
      assert.match(await connection.until(/100 Continue/), /^HTTP\/1\.1 100 Continue/)
      connection.send("{}")
      assert.match(await connection.until(/HasMore/), /HTTP\/1\.1 200 /)
      connection.reset()
    },
  },
  {
    name: "one that wants a tunnel is closed",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      connection.send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n")
      assert.doesNotMatch(await connection.untilClosed(), /^HTTP\/1\.1 2/)
    },
  },
  {
    name: "one that speaks HTTP/2 is refused",
    async run({ apiUrl }) {
      const connection = await RawConnection.open(apiUrl)
      connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
      assert.match(await connection.untilClosed(), /^HTTP\/1\.1 400 /)
    },
  },
  {
    name: "one that speaks TLS where there is none is refused",
    async run({ apiUrl }) {
      const { hostname, port } = new URL(apiUrl)
      await assert.rejects(
        new Promise<void>((resolve, reject) => {
          const socket = connectTls({ host: hostname, port: Number(port) }, resolve)
          socket.once("error", reject).once("close", () => reject(new Error("closed")))
        }),
      )
    },
  },
]

test("Whatever clients send, the server answers or closes, and good clients notice nothing", async (t) => {
  const stage = await Stage.open(t)
  const server = await stage.start()
  const client = firehoseClient(server.apiUrl)
  const ledger = new Ledger()
  for (const name of [goodStream, abusedStream]) await createStream(client, name)
  const good: GoodClient = {
    async puts(times) {
      for (let time = 0; time < times; time++) {
        const attempt = ledger.attempt(goodStream, time % 2 === 0 ? [100] : [200, 300_000, 0])
        ledger.acknowledge(attempt, await putAttempt(client, attempt))
      }
    },
  }

  for (const bad of badRequests) {
    await t.test(`A request with ${bad.name} is answered with ${bad.status}`, async () => {
      const [answer] = await Promise.all([ask(server.apiUrl, bad), good.puts(2)])
      assert.equal(answer.status, bad.status)
      assert.equal(answer.type, bad.type)
    })
  }
  for (const { name, run } of badConnections) {
    await t.test(`Connections: ${name}`, async () => {
      await Promise.all([run(server, good), good.puts(2)])
    })
  }

  await flush(server.adminUrl, [goodStream, abusedStream])
  client.destroy()
  const { status, output } = await server.process.end("SIGTERM")
  assert.equal(status, 0, output)
  assert.doesNotMatch(output, /"level":"(error|fatal)"/)
  ledger.assertDelivered(new Map([[goodStream, contentsOf(await objectsIn(stage.dataFolder, goodStream))]]))
  assert.deepEqual(await objectsIn(stage.dataFolder, abusedStream), [])
})

/** Of so many bytes. */
function base64(sizeBytes: number): string {
  return Buffer.alloc(sizeBytes).toString("base64")
}

function requestHead(headers: Readonly<Record<string, string>>, operation = "PutRecord"): string {
  const all = {
    host: "localhost",
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `Firehose_20150804.${operation}`,
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST / HTTP/1.1\r\n${lines.join("")}\r\n`
}

function openMany(url: string, count: number): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => RawConnection.open(url)))
}

/** Sends a request, reads the answer, and leaves what it has not sent by then. */
function ask(url: string, bad: BadRequest): Promise<{ status: number | undefined; type: string | undefined }> {
  const { method = "POST", target = "PutRecord", body, chunked = false } = bad
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `Firehose_20150804.${target}`,
    ...(chunked ? { "transfer-encoding": "chunked" } : { "content-length": Buffer.byteLength(body) }),
    ...bad.headers,
  }
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const type = response.headers["x-amzn-errortype"]
      resolve({ status: response.statusCode, type: typeof type === "string" ? type : undefined })
      response.resume()
      request.destroy()
    })
    request.once("error", reject)
    request.end(body)
  })
}
