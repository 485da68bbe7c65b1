/** How long and how much a connection in the lane may take, seen by raw clients, on a clock that the tests set. */
import assert from "node:assert/strict"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { type TestContext, test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { systemRandom } from "../../platform/index.ts"
import { failure, success } from "../answer.ts"
import { ByteBudget } from "../byte-budget.ts"
import { serviceUnavailable } from "../errors.ts"
import { ExtendedIds } from "../extended-ids.ts"
import { KeptBuffers } from "../kept-buffers.ts"
import { RecordedLogger, SetClock } from "../testing.ts"
import { Lane, type LaneRequest } from "./lane.ts"

const limits = { headTimeoutMs: 20_000, requestTimeoutMs: 60_000, keepAliveTimeoutMs: 300_000, checkIntervalMs: 1 }
const mebibyte = 1024 * 1024

interface Stage {
  readonly lane: Lane
  readonly clock: SetClock
  readonly logger: RecordedLogger
  readonly budget: ByteBudget
  /** How many heads were read. */
  readonly headCount: number
  /** What the API was asked. */
  readonly asked: LaneRequest[]
  connect(): Promise<Client>
}

/** A lane whose API answers with `answer`, or at once. */
async function startLane(t: TestContext, answer = (_body: Buffer) => Promise.resolve("{}")): Promise<Stage> {
  const clock = new SetClock()
  const logger = new RecordedLogger()
  const budget = new ByteBudget(mebibyte)
  const asked: LaneRequest[] = []
  let headCount = 0
  const lane = new Lane({
    takes() {
      headCount++
      return true
    },
    async answer(request) {
      asked.push(request)
      return success(await answer(request.body))
    },
    noRoom: () => failure(serviceUnavailable()),
    handOver: (socket) => socket.destroy(),
    budget,
    buffers: new KeptBuffers({ bufferBytes: mebibyte, countMax: 2 }),
    limits,
    clock,
    random: systemRandom,
    extendedIds: new ExtendedIds(systemRandom),
    logger,
  })
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => lane.accept(socket))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  t.after(() => {
    lane.close()
    lane.destroy()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === "object" && address !== null)
  const connectClient = async () => {
    const socket = connect({ host: "127.0.0.1", port: address.port, noDelay: true, allowHalfOpen: true })
    await Promise.all([once(socket, "connect"), once(server, "connection")])
    return new Client(socket)
  }
  return {
    lane,
    clock,
    logger,
    budget,
    asked,
    connect: connectClient,
    get headCount() {
      return headCount
    },
  }
}

class Client {
  readonly socket: Socket
  received = ""

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding("latin1").on("data", (text: string) => {
      this.received += text
    })
    socket.on("error", () => socket.destroy())
  }

  async untilReceived(text: string): Promise<void> {
    await until(() => this.received.includes(text) || this.isClosed)
    assert.ok(this.received.includes(text), this.received)
  }

  async untilClosed(): Promise<string> {
    await until(() => this.isClosed)
    return this.received
  }

  get isClosed(): boolean {
    return this.socket.readableEnded || this.socket.destroyed
  }
}

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await turn()
}

const request = (body: string) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const timedOut = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"

/** Resolves when the lane has looked at its connections' times again. */
async function untilChecked({ clock }: Stage): Promise<void> {
  const { sleeps } = clock
  await until(() => clock.sleeps > sleeps + 1)
}

for (const { what, sent, headCount, withinMs, answer } of [
  { what: "sends nothing", sent: "", headCount: 0, withinMs: limits.headTimeoutMs, answer: timedOut },
  { what: "sends half a head", sent: "POST / H", headCount: 0, withinMs: limits.headTimeoutMs, answer: timedOut },
  {
    what: "sends half a body",
    sent: request("{}").slice(0, -1),
    headCount: 1,
    withinMs: limits.requestTimeoutMs,
    answer: timedOut,
  },
]) {
  test(`A client that ${what} is told so after ${withinMs / 1000} s, and no earlier`, async (t) => {
    const stage = await startLane(t)
    const client = await stage.connect()
    client.socket.write(sent)
    await until(() => stage.headCount === headCount)
    stage.clock.elapsedMs += withinMs - 1
    await untilChecked(stage)
    assert.equal(client.isClosed, false)
    stage.clock.elapsedMs += 1
    assert.equal(await client.untilClosed(), answer)
  })
}

test("A connection is kept for its next request for five minutes, and closed then without a word", async (t) => {
  const stage = await startLane(t)
  const client = await stage.connect()
  client.socket.write(request("{}"))
  await client.untilReceived("\r\n\r\n{}")
  assert.match(client.received, /^Connection: keep-alive\r\nKeep-Alive: timeout=300\r$/m)
  const { received } = client
  stage.clock.elapsedMs += limits.keepAliveTimeoutMs - 1
  await untilChecked(stage)
  assert.equal(client.isClosed, false)
  stage.clock.elapsedMs += 1
  assert.equal(await client.untilClosed(), received)
})

test("An answer may take any time", async (t) => {
  const { promise, resolve } = withResolvers()
  const stage = await startLane(t, () => promise)
  const client = await stage.connect()
  client.socket.write(request("{}"))
  await until(() => stage.asked.length === 1)
  stage.clock.elapsedMs += 3_600_000
  await untilChecked(stage)
  resolve("late")
  await client.untilReceived("late")
})

test("What comes while an answer is made is answered after it, and so is what comes later", async (t) => {
  const { promise, resolve } = withResolvers()
  const stage = await startLane(t, (body) => (body.length === 2 ? promise : Promise.resolve(String(body))))
  const client = await stage.connect()
  client.socket.write(request("{}"))
  await until(() => stage.asked.length === 1)
  client.socket.write(request("second"))
  const other = await stage.connect()
  other.socket.write(request("other"))
  await other.untilReceived("other")
  assert.equal(stage.asked.length, 2)
  resolve("first")
  await client.untilReceived("second")
  client.socket.write(request("third"))
  await client.untilReceived("third")
  assert.deepEqual(client.received.match(/first|second|third/g), ["first", "second", "third"])
})

test("Of a client that does not read its answers nothing more is read, and after 60 s it is left", async (t) => {
  const large = "x".repeat(16 * mebibyte)
  const stage = await startLane(t, () => Promise.resolve(large))
  const client = await stage.connect()
  client.socket.pause()
  for (let count = 0; count < 10; count++) client.socket.write(request("{}"))
  await until(() => stage.asked.length === 1)
  stage.clock.elapsedMs += limits.requestTimeoutMs - 1
  await untilChecked(stage)
  assert.equal(stage.asked.length, 1)
  client.socket.resume()
  await until(() => stage.asked.length === 2)
  client.socket.pause()
  await untilChecked(stage)
  stage.clock.elapsedMs += limits.requestTimeoutMs
  await untilChecked(stage)
  client.socket.resume()
  assert.ok((await client.untilClosed()).length < 10 * large.length)
})

test("Requests that hold all the memory there is for them have others refused, until they are over", async (t) => {
  const stage = await startLane(t)
  const slow = await stage.connect()
  const largest = request("x".repeat(mebibyte))
  slow.socket.write(largest.slice(0, -1))
  await until(() => !hasRoom(stage, 2))
  const client = await stage.connect()
  client.socket.write(request("{}{}"))
  await client.untilReceived("ServiceUnavailableException")
  assert.match(client.received, /^HTTP\/1\.1 503 Service Unavailable\r\n/)
  slow.socket.destroy()
  await until(() => hasRoom(stage, mebibyte))
  client.socket.write(largest)
  await client.untilReceived("\r\n\r\n{}")
  assert.deepEqual(
    stage.asked.map(({ body }) => body.length),
    [mebibyte],
  )
  await until(() => hasRoom(stage, mebibyte))
})

test("A lane that closes ends what is idle, and answers what has begun as its connection's last", async (t) => {
  const { promise, resolve } = withResolvers()
  const stage = await startLane(t, (body) => (body.length === 2 ? Promise.resolve("{}") : promise))
  const [silent, idle, waiting, halfway] = [
    await stage.connect(),
    await stage.connect(),
    await stage.connect(),
    await stage.connect(),
  ]
  idle.socket.write(request("{}"))
  await idle.untilReceived("\r\n\r\n{}")
  waiting.socket.write(request("{ }"))
  halfway.socket.write(request("{  }").slice(0, -1))
  await until(() => stage.headCount === 3)
  stage.lane.close()
  assert.equal(await silent.untilClosed(), "")
  assert.match(await idle.untilClosed(), /^Connection: keep-alive\r$/m)
  resolve("{}")
  halfway.socket.write("}")
  for (const client of [waiting, halfway]) assert.match(await client.untilClosed(), /^Connection: close\r\n\r\n{}$/m)
})

function hasRoom({ budget }: Stage, sizeBytes: number): boolean {
  const isThere = budget.take(sizeBytes)
  if (isThere) budget.giveBack(sizeBytes)
  return isThere
}

function withResolvers(): { readonly promise: Promise<string>; readonly resolve: (text: string) => void } {
  let resolve = (_text: string) => {}
  const promise = new Promise<string>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
