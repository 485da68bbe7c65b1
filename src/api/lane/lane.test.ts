/** The lane and the plain way side by side: two servers of one API, one with the lane in front. */
import assert from "node:assert/strict"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { type TestContext, test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { connect as connectTls } from "node:tls"
import fc from "fast-check"
import { selfSignedCertificate } from "../../config/index.ts"
import { listen } from "../../http-listener.ts"
import { systemClock } from "../../platform/index.ts"
import { startApi, type TestApi } from "../testing.ts"

interface Servers {
  readonly withLane: URL
  readonly plain: URL
  readonly api: TestApi
}

async function startBoth(t: TestContext, changes: Parameters<typeof startApi>[1] = {}): Promise<Servers> {
  const api = await startApi(t, changes)
  await api.createActive("s")
  const shared = { address: "127.0.0.1", port: 0, tls: undefined, handler: api.api.handler }
  const withLane = await listen({ ...shared, lane: api.api.lane })
  const plain = await listen(shared)
  t.after(async () => {
    await Promise.all([withLane.close(Promise.resolve()), plain.close(Promise.resolve())])
  })
  return { withLane: new URL(withLane.url), plain: new URL(plain.url), api }
}

/** A client that keeps no rules. */
class Client {
  readonly #socket: Socket
  #received = ""

  static async open(url: URL): Promise<Client> {
    const where = { host: url.hostname, port: Number(url.port), allowHalfOpen: true }
    const isTls = url.protocol === "https:"
    // The test makes the certificate itself.
    const socket = isTls ? connectTls({ ...where, rejectUnauthorized: false }) : connect({ ...where, noDelay: true })
    await once(socket, isTls ? "secureConnect" : "connect")
    return new Client(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding("latin1").on("data", (text: string) => {
      this.#received += text
    })
    // A reset is seen as the end.
    socket.on("error", () => socket.destroy())
  }

  get isClosed(): boolean {
    return this.#socket.readableEnded || this.#socket.destroyed
  }

  get received(): string {
    return this.#received
  }

  /** Sends bytes in pieces that end at `cuts`, and gives the server time to read each. */
  async send(bytes: Buffer, cuts: readonly number[] = []): Promise<void> {
    const ends = [...new Set([...cuts.map((cut) => cut % bytes.length), bytes.length])].sort((a, b) => a - b)
    let start = 0
    for (const end of ends) {
      if (this.#socket.writable) this.#socket.write(bytes.subarray(start, end))
      start = end
      for (let turns = 0; turns < 3; turns++) await turn()
    }
  }

  /** Resolves when so many answers are there, or the connection is closed. */
  async untilAnswers(count: number): Promise<void> {
    while (answersIn(this.#received).length < count && !this.isClosed) await turn()
  }

  async untilClosed(): Promise<string> {
    while (!this.isClosed) await turn()
    return this.#received
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** The whole answers in what a connection received. */
function answersIn(text: string): string[] {
  const answers: string[] = []
  let at = 0
  for (;;) {
    const headEnd = text.indexOf("\r\n\r\n", at)
    if (headEnd === -1) return answers
    const bodyBytes = Number(/^content-length: (\d+)/im.exec(text.slice(at, headEnd))?.[1] ?? 0)
    const end = headEnd + 4 + bodyBytes
    if (text.length < end) return answers
    answers.push(text.slice(at, end))
    at = end
  }
}

/** Without what is drawn at random, and the second. */
function comparable(text: string): string {
  return text
    .replace(/^(x-amzn-RequestId|x-amz-id-2|Date): .*$/gm, "$1: ...")
    .replace(/"RecordId":"[^"]*"/g, '"RecordId":"..."')
}

const put = JSON.stringify({ DeliveryStreamName: "s", Record: { Data: "aGVsbG8=" } })
const batch = JSON.stringify({ DeliveryStreamName: "s", Records: [{ Data: "aGk=" }, { Data: "" }] })

interface RequestParts {
  readonly start?: string
  readonly target?: string
  readonly fields?: readonly string[]
  readonly body?: string
  readonly length?: string
}

function requestOf({ start = "POST / HTTP/1.1", target = "PutRecord", fields = [], body = put, length }: RequestParts) {
  const lines = [
    start,
    "Host: localhost",
    "Content-Type: application/x-amz-json-1.1",
    `X-Amz-Target: Firehose_20150804.${target}`,
    length ?? `Content-Length: ${Buffer.byteLength(body)}`,
    ...fields,
  ]
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`)
}

const requests: readonly (readonly [what: string, request: Buffer])[] = [
  ["a put", requestOf({})],
  ["a batch", requestOf({ target: "PutRecordBatch", body: batch })],
  ["a list", requestOf({ target: "ListDeliveryStreams", body: "{}" })],
  ["an unknown stream", requestOf({ body: put.replace('"s"', '"other"') })],
  ["a name that breaks its limits", requestOf({ body: put.replace('"s"', '"\u00e9"') })],
  ["data that is no base64", requestOf({ body: put.replace("aGVsbG8=", "\u20ac") })],
  ["a body that is no JSON", requestOf({ body: "{" })],
  ["an unknown operation", requestOf({ target: "Nothing", body: "{}" })],
  ["no body", requestOf({ body: "" })],
  ["a browser's request", requestOf({ fields: ["Origin: http://example.com"] })],
  ["another method", requestOf({ start: "PUT / HTTP/1.1" })],
  ["another path", requestOf({ start: "POST /x HTTP/1.1" })],
  ["another content type", requestOf({ fields: ["Content-Type: text/plain"] })],
  [
    "chunks",
    requestOf({ length: "Transfer-Encoding: chunked", body: `${put.length.toString(16)}\r\n${put}\r\n0\r\n\r\n` }),
  ],
  ["odd white space", requestOf({ fields: ["X-A:  b "] })],
  ["an empty value", requestOf({ fields: ["X-A:"] })],
  ["bytes beyond ASCII", requestOf({ fields: ["X-A: \u00e9"] })],
]

test("Every request is answered as the plain way answers it, however its bytes are cut", async (t) => {
  const { withLane, plain } = await startBoth(t)
  const sent = fc.array(fc.tuple(fc.nat(requests.length - 1), fc.array(fc.nat(), { maxLength: 4 })), {
    minLength: 1,
    maxLength: 5,
  })
  await fc.assert(
    fc.asyncProperty(sent, async (sequence) => {
      const exchange = async (url: URL) => {
        const client = await Client.open(url)
        for (const [index, [which, cuts]] of sequence.entries()) {
          await client.send(requests[which]?.[1] ?? Buffer.alloc(0), cuts)
          await client.untilAnswers(index + 1)
        }
        client.destroy()
        return comparable(client.received)
      }
      assert.equal(await exchange(withLane), await exchange(plain))
    }),
    { numRuns: 100 },
  )
})

for (const [what, request] of requests) {
  test(`${what}: answered as the plain way answers it, in one piece and byte by byte`, async (t) => {
    const { withLane, plain } = await startBoth(t)
    const exchange = async (url: URL, cuts: readonly number[]) => {
      const client = await Client.open(url)
      await client.send(request, cuts)
      await client.untilAnswers(1)
      client.destroy()
      return comparable(client.received)
    }
    const expected = await exchange(plain, [])
    assert.match(expected, /^HTTP\/1\.1 /)
    assert.equal(await exchange(withLane, []), expected)
    assert.equal(await exchange(withLane, Array.from(request.keys())), expected)
  })
}

test("Over TLS too, requests are answered in the lane, and the others of a connection are handed over", async (t) => {
  const { api, createActive } = await startApi(t)
  await createActive("s")
  const tls = await selfSignedCertificate(["127.0.0.1"], systemClock)
  let handedOverCount = 0
  const server = await listen({
    address: "127.0.0.1",
    port: 0,
    tls,
    lane: api.lane,
    handler(request, response) {
      handedOverCount++
      api.handler(request, response)
    },
  })
  t.after(() => server.close(Promise.resolve()))
  const client = await Client.open(new URL(server.url))
  const sequence = [requestOf({}), requestOf({ start: "POST /x HTTP/1.1" }), requestOf({})]
  for (const [index, request] of sequence.entries()) {
    await client.send(request, [20, request.length - 5])
    await client.untilAnswers(index + 1)
    assert.match(answersIn(client.received)[index] ?? "", /^HTTP\/1\.1 200 OK\r\n/)
    assert.equal(handedOverCount, index)
  }
  client.destroy()

  const finishing = await Client.open(new URL(server.url))
  const answered = finishing.send(requestOf({}))
  finishing.end()
  await answered
  assert.equal(answersIn(await finishing.untilClosed()).length, 1, "who sends no more is answered")
  // No client of TLS yet, and a health check of many load balancers.
  const goneBefore = connect({ host: "127.0.0.1", port: Number(new URL(server.url).port), allowHalfOpen: true })
  goneBefore.resume().end()
  await once(goneBefore, "end")
})

test("Requests that are sent before their answers are answered in order, each once", async (t) => {
  const { withLane, plain, api } = await startBoth(t)
  const sent = fc.tuple(fc.array(fc.nat(requests.length - 1), { minLength: 2, maxLength: 6 }), fc.array(fc.nat()))
  await fc.assert(
    fc.asyncProperty(sent, async ([sequence, cuts]) => {
      const bytes = Buffer.concat(sequence.map((which) => requests[which]?.[1] ?? Buffer.alloc(0)))
      const exchange = async (url: URL) => {
        const client = await Client.open(url)
        await client.send(bytes, cuts)
        await client.untilAnswers(sequence.length)
        client.destroy()
        return comparable(client.received)
      }
      assert.equal(await exchange(withLane), await exchange(plain))
    }),
    { numRuns: 50 },
  )
  assert.deepEqual(api.logger.at("error"), [])
})

for (const [what, bytes] of [
  ["the beginning of a head", requestOf({}).subarray(0, 40)],
  ["a head without its body", requestOf({}).subarray(0, -10)],
  ["what is no HTTP", Buffer.from("\x16\x03\x01\x02\x00\x01")],
  ["nothing", Buffer.alloc(0)],
] as const) {
  test(`A client that sends ${what} and no more is answered as the plain way answers it`, async (t) => {
    const { withLane, plain } = await startBoth(t)
    const exchange = async (url: URL) => {
      const client = await Client.open(url)
      await client.send(bytes)
      client.end()
      return client.untilClosed()
    }
    assert.equal(await exchange(withLane), await exchange(plain))
  })
}

test("A client that ends its side after a put gets the answer, as the connection's last one", async (t) => {
  const { withLane } = await startBoth(t)
  const client = await Client.open(withLane)
  await client.send(requestOf({ fields: ["X-Is: last"] }))
  client.end()
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 200 OK\r\n/)
})

test("Requests in the lane's form are answered in the lane, before and after others on other connections", async (t) => {
  const { api, port, createActive } = await startApi(t)
  await createActive("s")
  const full = await listen({
    address: "127.0.0.1",
    port: 0,
    tls: undefined,
    lane: api.lane,
    handler: (_request, response) => response.writeHead(418, { "Content-Length": 0 }).end(),
  })
  t.after(() => full.close(Promise.resolve()))
  assert.notEqual(port, Number(new URL(full.url).port))
  for (const [name, status] of [
    ["a put", 200],
    ["another path", 418],
    ["a batch", 200],
  ] as const) {
    const [, request = Buffer.alloc(0)] = requests.find(([what]) => what === name) ?? []
    const client = await Client.open(new URL(full.url))
    for (let count = 1; count <= 2; count++) {
      await client.send(request)
      await client.untilAnswers(count)
      assert.ok(answersIn(client.received)[count - 1]?.startsWith(`HTTP/1.1 ${status} `), name)
    }
    client.destroy()
  }
})
