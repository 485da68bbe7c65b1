import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, request as httpRequest } from "node:http"
import { connect } from "node:net"
import { type TestContext, test } from "node:test"
import type { Delivery } from "../delivery/index.ts"
import { createMetrics } from "../observe/index.ts"
import { systemClock } from "../platform/index.ts"
import { notEncrypted, type StreamDefinition } from "../streams/index.ts"
import { type AdminParts, createAdmin, type Health } from "./index.ts"

const orders: StreamDefinition = {
  uid: "1",
  name: "orders",
  arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders",
  type: "DirectPut",
  status: { kind: "ACTIVE" },
  version: 1,
  createdMs: 0,
  destination: { id: "destinationId-000000000001", kind: "s3", configuration: {} },
  tags: [],
  deliveryEnabled: true,
  encryption: notEncrypted,
  partitionCount: 1,
}

/** A catalog in memory, with as much of the real one's behaviour as the admin side sees. */
function memoryCatalog(): AdminParts["catalog"] {
  const streams = new Map([[orders.name, orders]])
  return {
    find: (name) => streams.get(name),
    list: () => [...streams.values()],
    async change(name, decide) {
      const current = streams.get(name)
      if (current === undefined) return undefined
      const changed = decide(current)
      streams.set(name, changed)
      return changed
    },
  }
}

interface Given {
  readonly health?: () => Health
  readonly flush?: Delivery["flush"]
  readonly preview?: Delivery["preview"]
  /** Where requests seem to come from. */
  readonly remoteAddress?: string
}

/** A server with the admin side on a free port, and a way to ask it. */
async function serve(
  context: TestContext,
  { health = () => ({ kind: "ready", problems: [] }), flush, preview, remoteAddress }: Given = {},
) {
  const metrics = createMetrics()
  const failures: unknown[] = []
  const catalog = memoryCatalog()
  const server = createServer(
    createAdmin({
      catalog,
      delivery: {
        flush: flush ?? (async () => ({ complete: true, delivered: [] })),
        preview: preview ?? (async () => ({ kind: "previewed", records: [], backup: undefined })),
      },
      readDefinition: () => ({ kind: "refused", type: "ValidationException", message: "1 validation error detected" }),
      metrics,
      clock: systemClock,
      logger: { error: (fields: unknown) => void failures.push(fields) },
      health,
    }),
  )
  if (remoteAddress !== undefined) {
    server.on("connection", (socket) => Object.defineProperty(socket, "remoteAddress", { value: remoteAddress }))
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  context.after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === "object" && address !== null)
  const { port } = address
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body = "") =>
    // Not fetch: a browser's headers (Origin, Sec-Fetch-Site) must be sent as they are given here.
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
      const sent = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, async (response) => {
        const chunks = await response.toArray()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() })
      })
      sent.on("error", reject).end(body)
    })
  return { ask, port, server, metrics, catalog, failures }
}

test("Health tells ready, and why not", async (context) => {
  let health: Health = { kind: "ready", problems: ["one does not work"] }
  const { ask } = await serve(context, { health: () => health })
  const statuses = async () => {
    const answers = await Promise.all(["", "/live", "/ready"].map((path) => ask("GET", `/health${path}`)))
    return answers.map(({ status }) => status)
  }
  assert.deepEqual(await statuses(), [200, 200, 200])
  assert.deepEqual(JSON.parse((await ask("GET", "/health")).text), {
    live: true,
    ready: true,
    problems: ["one does not work"],
  })

  health = { kind: "unready", reason: "stopping" }
  assert.deepEqual(await statuses(), [503, 200, 503])
  assert.deepEqual(JSON.parse((await ask("GET", "/health")).text), { live: true, ready: false, reason: "stopping" })

  health = { kind: "dead", reason: "the data folder is gone" }
  assert.deepEqual(await statuses(), [503, 503, 503])
})

test("Other machines may ask, and not switch anything", async (context) => {
  const { ask, catalog } = await serve(context, { remoteAddress: "192.0.2.1" })
  assert.equal((await ask("GET", "/health")).status, 200)
  assert.equal((await ask("GET", "/metrics")).status, 200)
  for (const what of ["flush", "pause", "resume"])
    assert.equal((await ask("POST", `/streams/orders/${what}`)).status, 403)
  assert.equal(catalog.find("orders")?.deliveryEnabled, true)
})

test("Metrics are exposed in Prometheus' format", async (context) => {
  const { ask, metrics } = await serve(context)
  metrics.add("IncomingRecords", "orders", 5)
  const { status, headers, text } = await ask("GET", "/metrics")
  assert.equal(status, 200)
  assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/)
  assert.match(text, /^hydrant_incoming_records_total\{delivery_stream="orders"\} 5$/m)
})

test("Streams are listed with what waits in them", async (context) => {
  const { ask, metrics } = await serve(context)
  metrics.gauge("Hydrant.BacklogRecords", "orders", () => 12)
  const { text } = await ask("GET", "/streams")
  assert.deepEqual(JSON.parse(text), {
    streams: [
      {
        name: "orders",
        status: "ACTIVE",
        deliveryEnabled: true,
        destination: "s3",
        backlogRecords: 12,
        oldestSeconds: null,
        logBytes: null,
      },
    ],
  })
})

test("Flush answers with what it delivered", async (context) => {
  const delivered = [{ location: "/buckets/b/key", recordCount: 3, sizeBytes: 42 }]
  const { ask } = await serve(context, {
    flush: async (name) => (name === "orders" ? { complete: true, delivered } : undefined),
  })
  const { status, text } = await ask("POST", "/streams/orders/flush")
  assert.equal(status, 200)
  assert.deepEqual(JSON.parse(text), { complete: true, delivered })
})

test("Flush gives up after timeout-seconds, and says that nothing is lost", async (context) => {
  const { ask } = await serve(context, {
    flush: (_name, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ complete: false, delivered: [] }))
      }),
  })
  const { status, text } = await ask("POST", "/streams/orders/flush?timeout-seconds=0.01")
  assert.equal(status, 504)
  const { complete, help } = JSON.parse(text)
  assert.equal(complete, false)
  assert.match(help, /Nothing is lost/)
})

test("Flush stops waiting when the client goes away", async (context) => {
  let began = (_signal: AbortSignal) => {}
  const flushing = new Promise<AbortSignal>((resolve) => {
    began = resolve
  })
  const { port } = await serve(context, {
    flush: (_name, signal) => {
      began(signal)
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ complete: false, delivered: [] }))
      })
    },
  })
  const sent = httpRequest({ host: "127.0.0.1", port, method: "POST", path: "/streams/orders/flush", agent: false })
  sent.on("error", () => {}).end()
  const signal = await flushing
  const aborted = new Promise((resolve) => {
    signal.addEventListener("abort", resolve)
  })
  sent.destroy()
  await aborted
})

for (const seconds of ["", "0", "-1", "241", "soon", "Infinity"]) {
  test(`Flush refuses to wait "${seconds}" seconds`, async (context) => {
    const { ask } = await serve(context)
    assert.equal((await ask("POST", `/streams/orders/flush?timeout-seconds=${seconds}`)).status, 400)
  })
}

test("Pause and resume switch the delivery of a stream, and flush says that it is paused", async (context) => {
  const { ask, catalog } = await serve(context, { flush: async () => undefined })
  const paused = await ask("POST", "/streams/orders/pause")
  assert.equal(paused.status, 200)
  assert.equal(JSON.parse(paused.text).deliveryEnabled, false)
  assert.equal(catalog.find("orders")?.deliveryEnabled, false)

  const flushed = await ask("POST", "/streams/orders/flush")
  assert.equal(flushed.status, 409)
  assert.match(JSON.parse(flushed.text).help, /\/streams\/orders\/resume/)

  assert.equal((await ask("POST", "/streams/orders/resume")).status, 200)
  assert.equal(catalog.find("orders")?.deliveryEnabled, true)
})

for (const action of ["flush", "pause", "resume"]) {
  test(`${action} of a stream that does not exist says where to look`, async (context) => {
    const { ask } = await serve(context)
    const { status, text } = await ask("POST", `/streams/nothing/${action}`)
    assert.equal(status, 404)
    assert.deepEqual(JSON.parse(text), {
      message: 'There is no delivery stream "nothing"',
      help: "Those that exist: hydrant streams list, or GET /streams",
    })
  })
}

test("A wrong method is answered with the right one", async (context) => {
  const { ask } = await serve(context)
  const toFlush = await ask("GET", "/streams/orders/flush")
  assert.deepEqual([toFlush.status, toFlush.headers["allow"]], [405, "POST"])
  const toList = await ask("DELETE", "/streams")
  assert.deepEqual([toList.status, toList.headers["allow"]], [405, "GET, HEAD"])
})

test("HEAD is GET without the body", async (context) => {
  const { ask } = await serve(context)
  const { status, text } = await ask("HEAD", "/health")
  assert.deepEqual([status, text], [200, ""])
})

test("An unknown path says what there is", async (context) => {
  const { ask } = await serve(context)
  const { status, text } = await ask("GET", "/stream")
  assert.equal(status, 404)
  assert.match(JSON.parse(text).help, /GET \/streams, POST \/streams\/NAME\/flush/)
})

test("A web page of another site can't switch anything, Hydrant's own can", async (context) => {
  const { ask, port, catalog } = await serve(context)
  const refused: Record<string, string>[] = [
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: `http://127.0.0.1:${port + 1}` },
    { "Sec-Fetch-Site": "cross-site" },
  ]
  for (const headers of refused) {
    for (const action of ["flush", "pause"]) {
      assert.equal((await ask("POST", `/streams/orders/${action}`, headers)).status, 403, JSON.stringify(headers))
    }
  }
  assert.equal(catalog.find("orders")?.deliveryEnabled, true)
  const own = { Origin: `http://127.0.0.1:${port}`, "Sec-Fetch-Site": "same-origin" }
  assert.equal((await ask("POST", "/streams/orders/pause", own)).status, 200)
  assert.equal(catalog.find("orders")?.deliveryEnabled, false)
})

test("A request that fails is answered without the reason, which the log gets", async (context) => {
  const { ask, failures } = await serve(context, { flush: () => Promise.reject(new Error("secret")) })
  const { status, text } = await ask("POST", "/streams/orders/flush")
  assert.equal(status, 500)
  assert.ok(!text.includes("secret"))
  assert.equal(failures.length, 1)
})

const base64 = (text: string) => Buffer.from(text).toString("base64")

test("A preview asks delivery, and tells what became of each record, as text where it is one", async (context) => {
  const asked: unknown[] = []
  const { ask } = await serve(context, {
    preview: async ({ stream, records }) => {
      asked.push([stream.name, records.map((record) => Buffer.from(record).toString())])
      const failure = { source: 1, kind: "processing-failed", code: "C", message: "M", attemptsMade: 1 } as const
      const errorRecord = Buffer.from("{}\n")
      return {
        kind: "previewed",
        records: [
          {
            outputs: [
              { kind: "delivered", data: Buffer.from("é"), location: "s3://b/k", partition: "p/" },
              { kind: "delivered", data: Buffer.from([0xff]), location: "s3://b/k", partition: undefined },
            ],
          },
          {
            outputs: [
              { kind: "failed", failure: { ...failure, attemptEndedMs: 1 }, errorRecord, location: "s3://b/e" },
            ],
          },
          { outputs: [] },
        ],
        backup: "s3://b/copies",
      }
    },
  })
  const body = JSON.stringify({ records: ["one", "two", ""].map(base64) })
  const { status, text } = await ask("POST", "/streams/orders/preview", {}, body)
  assert.equal(status, 200)
  assert.deepEqual(asked, [["orders", ["one", "two", ""]]])
  const failed = { kind: "failed", location: "s3://b/e", errorType: "processing-failed", errorCode: "C" }
  assert.deepEqual(JSON.parse(text), {
    streamName: "orders",
    records: [
      {
        outcomes: [
          { kind: "delivered", location: "s3://b/k", partition: "p/", text: "é" },
          { kind: "delivered", location: "s3://b/k", base64: "/w==" },
        ],
      },
      { outcomes: [{ ...failed, errorMessage: "M", attemptsMade: 1, errorRecord: "{}\n" }] },
      { outcomes: [{ kind: "dropped" }] },
    ],
    backup: "s3://b/copies",
  })
})

test("Who goes away while sending a body is no failure of the server's", async (context) => {
  const { port, server, failures } = await serve(context)
  const [[accepted], socket] = await Promise.all([once(server, "connection"), connect(port, "127.0.0.1")])
  const asked = once(server, "request")
  socket.write("POST /streams/orders/preview HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
  await asked
  // Its error comes first: a body that was cut short.
  const closed = new Promise((resolve) => accepted.once("close", resolve))
  socket.destroy()
  await closed
  await new Promise(setImmediate)
  assert.deepEqual(failures, [])
})

test("A preview that can't be made says why, and what to do", async (context) => {
  const outcomes: Awaited<ReturnType<Delivery["preview"]>>[] = [
    { kind: "failed", message: "the engine is gone" },
    { kind: "ended" },
  ]
  const { ask } = await serve(context, { preview: async () => outcomes.shift() ?? assert.fail() })
  const one = JSON.stringify({ records: ["YQ=="] })
  const large = base64("x".repeat(3_000_000))
  for (const [path, body, status, message] of [
    ["/streams/orders/preview", one, 502, /^The records can't be processed now: the engine is gone$/],
    ["/streams/orders/preview?timeout-seconds=2", one, 504, /^The records were not processed within 2 seconds$/],
    ["/streams/orders/preview?timeout-seconds=0", one, 400, /^Cannot wait "0" seconds for a preview$/],
    ["/streams/nothing/preview", one, 404, /^There is no delivery stream "nothing"$/],
    ["/streams/orders/preview", "", 400, /^The body can't be read: /],
    ["/streams/orders/preview", "[]", 400, /^The body can't be read: /],
    ["/streams/orders/preview", '{"records":[]}', 400, /records.*greater than or equal to 1/],
    ["/streams/orders/preview", '{"records":["%"]}', 400, /^The body can't be read: records\.1\.member: /],
    ["/streams/orders/preview", JSON.stringify({ records: Array(501).fill("YQ==") }), 400, /less than or equal to 500/],
    [
      "/streams/orders/preview",
      JSON.stringify({ records: [large, large] }),
      413,
      /^The body is longer than|^The records have/,
    ],
    ["/streams/orders/preview", " ".repeat(8 * 1024 * 1024 + 1), 413, /^The body is longer than the 8388608 bytes/],
    ["/streams/orders/preview", '{"records":["YQ=="],"configuration":{}}', 400, /takes no configuration of its own$/],
    ["/preview", one, 400, /^It is not said what stream this is a preview of$/],
    [
      "/preview",
      '{"records":["YQ=="],"configuration":{}}',
      400,
      /^1 validation error detected \(ValidationException\)$/,
    ],
  ] as const) {
    const answer = await ask("POST", path, {}, body)
    const told = JSON.parse(answer.text)
    assert.equal(answer.status, status, `${path} ${told.message}`)
    assert.match(told.message, message)
    assert.ok(told.help.length > 0)
  }
})
