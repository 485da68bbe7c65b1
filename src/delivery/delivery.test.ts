import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { pino } from "pino"
import { conversionWorldWith } from "../conversion/testing.ts"
import type { Batch, DeliveryOutcome, DestinationKind } from "../destinations/index.ts"
import {
  type FrameKeys,
  inTheClear,
  KeyUnavailableError,
  type LogPartition,
  openLocalLog,
  type RecordBatch,
} from "../log/index.ts"
import { createMetrics } from "../observe/index.ts"
import type { Disk, DiskFile } from "../platform/index.ts"
import { createSimulatedRandom, Life, SimulatedClock, SimulatedDisk } from "../platform/simulated/index.ts"
import { worldWith } from "../processors/testing.ts"
import type { JsonObject } from "../shapes/index.ts"
import { notEncrypted, type StreamDefinition } from "../streams/index.ts"
import { hereAndNow } from "../workers/index.ts"
import { loadCheckpoint } from "./checkpoint.ts"
import type { Delivery } from "./delivery.ts"
import { createDelivery } from "./log-delivery.ts"

/** One call of `deliver`: what was decided, and what the batch held. */
interface Attempt {
  readonly decision: JsonObject
  readonly content: string
  readonly atMs: number
}

const minute = 60_000
const hour = 60 * minute

let clock: SimulatedClock
let disk: SimulatedDisk
let attempts: Attempt[]
/** What the destination answers to the next attempts; after them it takes everything. */
let answers: (DeliveryOutcome | "hang" | "throw")[]
let life: Life
/** Of all tests: no two lives draw the same ids. */
let lives = 0
let delivery: Delivery
let log: LogPartition
let keys: FrameKeys
/** The lines of the server's log. */
let logged: string[]
let metrics: ReturnType<typeof createMetrics>

const refused: DeliveryOutcome = { kind: "later", mayBeDelivered: false, code: "S3.NoSuchBucket", message: "no bucket" }
const full: DeliveryOutcome = { ...refused, code: "InternalError", message: "full", outOfSpace: true }
const unknown: DeliveryOutcome = { kind: "later", mayBeDelivered: true, code: "InternalError", message: "reset" }

/** A destination that remembers what it was given. Its configuration: the buffering, what it holds in memory, and a name that decisions carry. */
const recorder: DestinationKind = {
  name: "recorder",
  metricsName: "DeliveryToS3",
  supports: { idempotent: true },
  views: [],
  open: (stored, world) => ({
    buffering: { bufferBytesMax: Number(stored["bytes"]), intervalMs: Number(stored["intervalMs"]) },
    processing: undefined,
    backup: undefined,
    target: "recorder",
    errorLog: undefined,
    decide: (facts) => ({ id: world.random.uuid(), name: stored["name"] ?? null, version: facts.streamVersion }),
    locationOf: () => "recorder",
    memoryBytes: () => Number(stored["memoryBytes"] ?? 0),
    async deliver(decision, batch: Batch, signal) {
      const chunks: Uint8Array[] = []
      for await (const chunk of batch.bytes()) chunks.push(Uint8Array.from(chunk))
      const content = Buffer.concat(chunks).toString()
      attempts.push({ decision, content, atMs: clock.elapsed() })
      const answer = answers.shift()
      if (answer === "throw") throw new Error("broken")
      if (answer === "hang") await new Promise((resolve) => signal.addEventListener("abort", resolve))
      if (answer === "hang") return unknown
      return answer ?? { kind: "delivered", location: String(decision["id"]), sizeBytes: content.length }
    },
  }),
}

function stream(changes: Partial<StreamDefinition> = {}, configuration: JsonObject = {}): StreamDefinition {
  return {
    uid: "orders-1",
    name: "orders",
    arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders",
    type: "DirectPut",
    status: { kind: "ACTIVE" },
    version: 1,
    createdMs: 0,
    destination: {
      id: "destinationId-000000000001",
      kind: "recorder",
      configuration: { bytes: 100, intervalMs: minute, name: "first", ...configuration },
    },
    tags: [],
    deliveryEnabled: true,
    encryption: notEncrypted,
    partitionCount: 1,
    ...changes,
  }
}

function batch(...records: readonly string[]): RecordBatch {
  return { lengths: Uint32Array.from(records, (one) => one.length), data: Buffer.from(records.join("")) }
}

/** A byte of the first record in a segment: behind the header of the segment, and of the frame. */
const inFirstRecord = 136 + 48 + 20

/** Starts log and delivery on what the disk holds. */
async function start(definition: StreamDefinition, intervalMsMax?: number, segmentBytesMax = 1 << 20) {
  life = new Life()
  const mounted = withUnreadable(disk.mount(life))
  const random = createSimulatedRandom(++lives)
  const logger = pino({ level: "warn" }, { write: (line) => logged.push(line) })
  metrics = createMetrics()
  const lived = life.clock(clock)
  const limits = { segmentBytesMax, segmentAgeMsMax: hour, queueBytesMax: 1 << 20, queueAgeMsMax: 5000 }
  log = await openLocalLog({ disk: mounted, folder: "/log", clock: lived, random, limits, onNote: () => {} }).open(
    {
      streamUid: definition.uid,
      partition: 0,
    },
    keys,
  )
  delivery = createDelivery({
    disk: mounted,
    folder: "/delivery",
    spoolFolder: "/spool",
    clock: lived,
    random,
    metrics,
    logger,
    errorLog: { write: () => {}, close: async () => {} },
    kinds: [recorder],
    world: {
      random,
      objects: { put: () => assert.fail("no object store here"), close: async () => {} },
      workers: hereAndNow,
      processors: worldWith(),
      ...conversionWorldWith(),
    },
    limits: { intervalMsMax, retentionMs: 24 * hour },
  })
  await delivery.start(definition, [log])
}

/** Runs a test in virtual time. */
function simulate(work: () => Promise<void>): () => Promise<void> {
  return () => clock.run(work())
}

const contents = () => attempts.map(({ content }) => content)

/** The decisions in the checkpoint's file. */
async function decidedNow(): Promise<readonly JsonObject[]> {
  const { decided } = await loadCheckpoint(disk.mount(life), "/delivery/orders-1/0.checkpoint", log.start)
  return decided.map(({ decision }) => decision)
}

/** Resolves once that many attempts were made; virtual time passes meanwhile. */
async function attemptsMade(count: number) {
  while (attempts.length < count) await clock.sleep(10)
}

beforeEach(() => {
  clock = new SimulatedClock()
  disk = new SimulatedDisk({ random: createSimulatedRandom(1), clock })
  attempts = []
  answers = []
  logged = []
  unreadable.files = /^$/
  keys = inTheClear
})

test(
  "a buffer closes with the record that reaches its size",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a".repeat(60), "b".repeat(39), "c", "d".repeat(30)))
    await log.append(batch("e".repeat(70)))
    await attemptsMade(2)
    assert.deepEqual(contents(), [`${"a".repeat(60) + "b".repeat(39)}c`, "d".repeat(30) + "e".repeat(70)])
  }),
)

test(
  "a buffer that is not full closes when its oldest record reaches the interval, and not before",
  simulate(async () => {
    await start(stream())
    await clock.sleep(5 * minute)
    const firstMs = clock.elapsed()
    await log.append(batch("a"))
    await clock.sleep(50_000)
    await log.append(batch("b"))
    await attemptsMade(1)
    const [attempt] = attempts
    assert.equal(attempt?.content, "ab")
    assert.ok(
      attempt.atMs - firstMs >= minute && attempt.atMs - firstMs < minute + 1000,
      `${attempt.atMs - firstMs} ms`,
    )
  }),
)

test(
  "a buffer that is open is not measured again before enough has come to fill it",
  simulate(async () => {
    await start(stream())
    await log.append(batch("one"))
    await clock.sleep(1000)
    const { operationCount } = disk
    await clock.sleep(50_000)
    assert.equal(disk.operationCount, operationCount)
    for (const letter of "abcde") await log.append(batch(letter.repeat(20)))
    await attemptsMade(1)
    assert.ok(clock.elapsed() < minute)
  }),
)

test(
  "a clock that is set back holds up no buffer, and later records tell the new time",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a"))
    clock.jumpWallClock(-hour)
    const setBackMs = clock.elapsed()
    await attemptsMade(1)
    assert.ok(clock.elapsed() - setBackMs < 2 * minute)
    const { arrivalMs } = await log.append(batch("b"))
    assert.ok(Math.abs(arrivalMs - clock.now()) < 1000)
    await attemptsMade(2)
    assert.ok(clock.elapsed() - setBackMs < 4 * minute)
  }),
)

test(
  "an interval of zero delivers within seconds",
  simulate(async () => {
    await start(stream({}, { intervalMs: 0 }))
    await log.append(batch("a"))
    const appendedMs = clock.elapsed()
    await attemptsMade(1)
    assert.ok((attempts[0]?.atMs ?? Infinity) - appendedMs < 3000)
  }),
)

test(
  "the server's cap shortens every interval",
  simulate(async () => {
    await start(stream(), 2000)
    await log.append(batch("a"))
    const appendedMs = clock.elapsed()
    await attemptsMade(1)
    assert.ok((attempts[0]?.atMs ?? Infinity) - appendedMs < 3500)
  }),
)

test(
  "nothing is delivered while there are no records",
  simulate(async () => {
    await start(stream())
    await clock.sleep(3 * hour)
    assert.deepEqual(attempts, [])
  }),
)

test(
  "a flush delivers what is stored and answers with it, and one of an empty stream answers at once",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a", "b"))
    const outcome = await delivery.flush("orders", new AbortController().signal)
    assert.equal(outcome?.complete, true)
    assert.deepEqual(
      outcome?.delivered.map(({ recordCount, sizeBytes }) => [recordCount, sizeBytes]),
      [[2, 2]],
    )
    assert.ok(clock.elapsed() < 5000)
    assert.deepEqual(await delivery.flush("orders", new AbortController().signal), { complete: true, delivered: [] })
    assert.equal(await delivery.flush("others", new AbortController().signal), undefined)
  }),
)

test(
  "a flush that is given up says so, and the records are delivered later",
  simulate(async () => {
    answers = Array.from({ length: 5 }, () => refused)
    await start(stream())
    await log.append(batch("a"))
    const signal = new AbortController()
    const flushed = delivery.flush("orders", signal.signal)
    await attemptsMade(2)
    signal.abort()
    assert.deepEqual(await flushed, { complete: false, delivered: [] })
    await attemptsMade(6)
  }),
)

test(
  "a failed delivery is repeated with the same decision and bytes, ever less often",
  simulate(async () => {
    answers = [refused, unknown, "throw", refused, refused]
    await start(stream())
    await log.append(batch("a"))
    await attemptsMade(6)
    assert.equal(new Set(attempts.map(({ decision }) => JSON.stringify(decision))).size, 1)
    assert.deepEqual(new Set(contents()), new Set(["a"]))
    const waits = attempts.slice(1).map(({ atMs }, index) => atMs - (attempts[index]?.atMs ?? 0))
    for (const [index, wait] of waits.entries()) {
      const planned = 1000 * 2 ** index
      assert.ok(wait > planned * 0.8 && wait < planned * 1.2 + 100, `wait ${index + 1} was ${wait} ms`)
    }
    await clock.sleep(hour)
    assert.equal(attempts.length, 6)
  }),
)

test(
  "four batches are on their way at a time, and four more that are full are decided, under names that a crash does not change",
  simulate(async () => {
    answers = Array.from({ length: 4 }, () => "hang" as const)
    await start(stream())
    for (const letter of "abcdefghij") await log.append(batch(letter.repeat(100)))
    await attemptsMade(4)
    await clock.sleep(minute)
    assert.equal(attempts.length, 4)
    const decided = await decidedNow()
    assert.equal(decided.length, 8)
    disk.crash("power")
    attempts = []
    await start(stream())
    await delivery.flush("orders", new AbortController().signal)
    assert.deepEqual(
      contents().sort(),
      [..."abcdefghij"].map((letter) => letter.repeat(100)),
    )
    assert.deepEqual(
      decided.map(({ id }) => id),
      attempts
        .toSorted((one, other) => one.content.localeCompare(other.content))
        .slice(0, 8)
        .map(({ decision }) => decision["id"]),
    )
  }),
)

test(
  "a buffer that is not full waits for its turn before it is decided",
  simulate(async () => {
    answers = Array.from({ length: 4 }, () => "hang" as const)
    await start(stream())
    for (const letter of "abcde") {
      await log.append(batch(letter))
      await clock.sleep(minute + 2000)
    }
    assert.equal(attempts.length, 4)
    assert.equal((await decidedNow()).length, 4)
  }),
)

test(
  "an attempt that hangs is ended and repeated",
  simulate(async () => {
    answers = ["hang"]
    await start(stream())
    await log.append(batch("a"))
    await attemptsMade(2)
    assert.deepEqual(attempts[0]?.decision, attempts[1]?.decision)
  }),
)

test(
  "a delivery that hangs is told in the log within two minutes",
  simulate(async () => {
    answers = ["hang"]
    await start(stream())
    await log.append(batch("a".repeat(100)))
    await attemptsMade(1)
    await clock.sleep(minute + 1000)
    assert.deepEqual(
      logged.map((line) => JSON.parse(line).msg),
      ["A delivery is not answered yet: the place it goes to may hang"],
    )
  }),
)

test(
  "attempts that take much memory are made one after the other: the next one when the first has ended",
  simulate(async () => {
    answers = ["hang"]
    await start(stream({}, { memoryBytes: 100 * 1024 * 1024 }))
    for (const letter of "abc") await log.append(batch(letter.repeat(100)))
    await attemptsMade(1)
    await clock.sleep(9 * minute)
    assert.deepEqual(
      contents().map((content) => content[0]),
      ["a"],
    )
    await attemptsMade(4)
    assert.deepEqual(
      contents()
        .map((content) => content[0])
        .sort(),
      ["a", "a", "b", "c"],
    )
  }),
)

test(
  "batches that find no space are delivered one by one, the oldest first",
  simulate(async () => {
    answers = [full, full, full, full, full]
    await start(stream())
    for (const letter of "abc") await log.append(batch(letter.repeat(100)))
    await attemptsMade(8)
    const letters = contents().map((content) => content[0] ?? "")
    assert.equal(letters.slice(0, 6).join(""), "aaaaaa")
    assert.deepEqual(letters.slice(6).sort(), ["b", "c"])
  }),
)

test(
  "a batch that finds no space and is then refused for another reason does not hold up the others",
  simulate(async () => {
    answers = [full, refused]
    await start(stream())
    for (const letter of "ab") await log.append(batch(letter.repeat(100)))
    await attemptsMade(4)
    assert.deepEqual(
      contents().map((content) => content[0]),
      ["a", "a", "b", "a"],
    )
  }),
)

test(
  "a batch that fails does not hold up the next ones",
  simulate(async () => {
    answers = ["hang"]
    await start(stream())
    for (const letter of "abc") await log.append(batch(letter.repeat(100)))
    await attemptsMade(3)
    assert.deepEqual(
      contents().map((content) => content[0]),
      ["a", "b", "c"],
    )
    assert.ok(clock.elapsed() < minute)
  }),
)

test(
  "records that cannot be delivered within the retention time are dropped, counted, and the next ones go on",
  simulate(async () => {
    answers = Array.from({ length: 3000 }, () => refused)
    await start(stream())
    await log.append(batch("a", "b"))
    await clock.sleep(26 * hour)
    answers = []
    const tried = attempts.length
    await clock.sleep(hour)
    assert.equal(attempts.length, tried, "nothing is tried after the records were dropped")
    assert.match((await metrics.expose()).text, /expired_records_total\{delivery_stream="orders"\} 2/)
    await log.append(batch("c"))
    await attemptsMade(tried + 1)
    assert.equal(attempts.at(-1)?.content, "c")
  }),
)

/** A disk on which files that match can't be read, as long as `files` says so. */
const unreadable = { files: /^$/ }
function withUnreadable(mounted: Disk): Disk {
  const open: Disk["open"] = async (file, mode) => {
    const opened = await mounted.open(file, mode)
    const fails = () => unreadable.files.test(file)
    const read: DiskFile["read"] = (target, offset) =>
      fails() ? Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" })) : opened.read(target, offset)
    return {
      path: opened.path,
      size: () => opened.size(),
      read,
      write: (chunks, offset) => opened.write(chunks, offset),
      sync: () => opened.sync(),
      truncate: (sizeBytes) => opened.truncate(sizeBytes),
      close: () => opened.close(),
    }
  }
  return { ...mounted, open }
}

test(
  "records that cannot be read are dropped once later ones are past the retention time, and no others",
  simulate(async () => {
    await start(stream({ deliveryEnabled: false }), undefined, 200)
    for (const letter of "abcd") await log.append(batch(letter.repeat(99)))
    await clock.sleep(20 * hour)
    unreadable.files = /0000000000000001\.segment$/
    await delivery.update(stream())
    await clock.sleep(3.9 * hour)
    assert.deepEqual(contents(), ["a".repeat(99)])
    await attemptsMade(2)
    assert.ok(clock.elapsed() < 24.1 * hour, `${clock.elapsed() / hour} hours`)
    assert.deepEqual(contents(), ["a".repeat(99), "c".repeat(99) + "d".repeat(99)])
    assert.match((await metrics.expose()).text, /expired_records_total\{delivery_stream="orders"\} 1\n/)
    assert.ok(logged.some((line) => line.includes("Records were dropped")))
  }),
)

test(
  "records that cannot be read and have none behind them are dropped after the retention time",
  simulate(async () => {
    await start(stream())
    unreadable.files = /\.segment$/
    await log.append(batch("a", "b"))
    await clock.sleep(24 * hour)
    assert.doesNotMatch((await metrics.expose()).text, /expired_records_total\{delivery_stream="orders"\} 2/)
    await clock.sleep(hour)
    assert.match((await metrics.expose()).text, /expired_records_total\{delivery_stream="orders"\} 2\n/)
    unreadable.files = /^$/
    await log.append(batch("c"))
    await attemptsMade(1)
    assert.deepEqual(contents(), ["c"])
  }),
)

test(
  "records whose key is gone are dropped after the retention time, also where a buffer would have cut their batch",
  simulate(async () => {
    const key = { id: "0".repeat(32), secret: Buffer.alloc(32) }
    keys = { sealing: { kind: "sealed", key }, find: () => Promise.reject(new KeyUnavailableError("It is gone")) }
    await start(stream())
    await log.append(batch("a".repeat(90), "b".repeat(90)))
    await clock.sleep(25 * hour)
    assert.match((await metrics.expose()).text, /expired_records_total\{delivery_stream="orders"\} 2\n/)
    assert.deepEqual(attempts, [])
  }),
)

test(
  "what comes before records that cannot be read does not wait for them",
  simulate(async () => {
    await start(stream({}, { bytes: 1000 }), undefined, 200)
    for (const letter of "abc") await log.append(batch(letter.repeat(99)))
    unreadable.files = /0000000000000001\.segment$/
    await attemptsMade(1)
    assert.deepEqual(contents(), ["a".repeat(99)])
    unreadable.files = /^$/
    await attemptsMade(2)
    assert.deepEqual(contents()[1], "b".repeat(99) + "c".repeat(99))
  }),
)

test(
  "an update takes a batch that was certainly refused to the new destination",
  simulate(async () => {
    answers = Array.from({ length: 3 }, () => refused)
    await start(stream())
    await log.append(batch("a"))
    await attemptsMade(3)
    await delivery.update(stream({ version: 2 }, { name: "second" }))
    await attemptsMade(4)
    await clock.sleep(minute)
    assert.deepEqual(
      attempts.slice(3).map(({ decision }) => [decision["name"], decision["version"]]),
      [["second", 2]],
    )
  }),
)

test(
  "an update leaves a batch that may have been delivered under its name",
  simulate(async () => {
    answers = [unknown, refused, refused]
    await start(stream())
    await log.append(batch("a"))
    await attemptsMade(2)
    await delivery.update(stream({ version: 2 }, { name: "second" }))
    await attemptsMade(4)
    assert.equal(new Set(attempts.map(({ decision }) => decision["id"])).size, 1)
  }),
)

test(
  "while delivery is paused records are kept, and resuming delivers them",
  simulate(async () => {
    await start(stream())
    await delivery.update(stream({ deliveryEnabled: false }))
    await log.append(batch("a"))
    assert.equal(await delivery.flush("orders", new AbortController().signal), undefined)
    await clock.sleep(hour)
    assert.deepEqual(attempts, [])
    await delivery.update(stream())
    await attemptsMade(1)
    assert.deepEqual(contents(), ["a"])
  }),
)

for (const kind of ["process", "power"] as const) {
  test(
    `after a crash (${kind}) what was decided is delivered again under its name, and then the rest`,
    simulate(async () => {
      answers = ["hang"]
      await start(stream())
      await log.append(batch("a".repeat(100)))
      await attemptsMade(1)
      await log.append(batch("b"))
      disk.crash(kind)
      await start(stream())
      await attemptsMade(3)
      assert.deepEqual(contents(), ["a".repeat(100), "a".repeat(100), "b"])
      assert.deepEqual(attempts[0]?.decision, attempts[1]?.decision)
    }),
  )
}

test(
  "a stream that is started twice is delivered once",
  simulate(async () => {
    await start(stream())
    await delivery.start(stream(), [log])
    await log.append(batch("a"))
    await delivery.flush("orders", new AbortController().signal)
    await clock.sleep(hour)
    assert.deepEqual(contents(), ["a"])
  }),
)

test(
  "what was delivered before a stop is not delivered again",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a"))
    await delivery.flush("orders", new AbortController().signal)
    await delivery.close(1000)
    life.end()
    await start(stream())
    await log.append(batch("b"))
    await delivery.flush("orders", new AbortController().signal)
    assert.deepEqual(contents(), ["a", "b"])
  }),
)

test(
  "a checkpoint that the disk does not take holds the delivery up until it does",
  simulate(async () => {
    await start(stream())
    disk.setFaults({ sync: 1, create: 1 })
    const appended = log.append(batch("a")).then(
      () => "stored",
      () => "refused",
    )
    assert.equal(await appended, "refused")
    disk.setFaults({})
    await log.append(batch("b"))
    disk.failNext("create")
    await attemptsMade(1)
    await clock.sleep(hour)
    assert.deepEqual(contents(), ["b"])
  }),
)

test(
  "a stop that comes at any moment of the loop's life ends it",
  simulate(async () => {
    await start(stream())
    for (let turns = 0; turns < 60; turns++) {
      const resumed = delivery.update(stream())
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await Promise.all([resumed, delivery.update(stream({ deliveryEnabled: false }))])
    }
  }),
)

test(
  "records of a decided batch that were lost since are told and counted, and overwrite nothing",
  simulate(async () => {
    answers = ["hang"]
    await start(stream())
    await log.append(batch("a".repeat(60)))
    await log.append(batch("b".repeat(60)))
    await attemptsMade(1)
    disk.crash("process")
    const [segment] = disk.files.filter(({ path }) => path.endsWith(".segment"))
    disk.flipBit(segment?.path ?? "", inFirstRecord, 1)
    await start(stream())
    await attemptsMade(2)
    assert.equal(attempts[1]?.content, "b".repeat(60))
    assert.notEqual(attempts[0]?.decision["id"], attempts[1]?.decision["id"])
    await clock.sleep(minute)
    const { text } = await metrics.expose()
    assert.match(text, /damaged_records_total\{delivery_stream="orders"\} 1/)
    assert.match(text, /delivery_to_s3_records_total\{delivery_stream="orders"\} 1/)
  }),
)

test(
  "records that are lost between two attempts overwrite nothing, and what is left goes to another object",
  simulate(async () => {
    answers = [unknown]
    await start(stream())
    await log.append(batch("a".repeat(60)))
    await log.append(batch("b".repeat(60)))
    await attemptsMade(1)
    const [segment] = disk.files.filter(({ path }) => path.endsWith(".segment"))
    disk.flipBit(segment?.path ?? "", inFirstRecord, 1)
    await attemptsMade(2)
    const [first, second] = attempts
    assert.equal(first?.content, "a".repeat(60) + "b".repeat(60))
    assert.equal(second?.content, "b".repeat(60))
    assert.notEqual(first?.decision["id"], second?.decision["id"])
    await clock.sleep(minute)
    const { text } = await metrics.expose()
    assert.match(text, /damaged_records_total\{delivery_stream="orders"\} 1\n/)
    assert.match(text, /delivery_to_s3_records_total\{delivery_stream="orders"\} 1\n/)
  }),
)

test(
  "what the log lost at its end since a batch was decided does not replace an object that may have it",
  simulate(async () => {
    answers = ["hang"]
    await start(stream())
    await log.append(batch("a".repeat(60)))
    await log.append(batch("b".repeat(60)))
    await attemptsMade(1)
    disk.crash("process")
    const [segment] = disk.files.filter(({ path }) => path.endsWith(".segment"))
    // The last frame is then taken for a write that was cut short.
    disk.flipBit(segment?.path ?? "", inFirstRecord + 60 + 48 + 4, 1)
    await start(stream())
    await attemptsMade(2)
    const [first, second] = attempts
    assert.equal(second?.content, "a".repeat(60))
    assert.notEqual(first?.decision["id"], second?.decision["id"])
  }),
)

test(
  "a flush that meets nothing but damage ends",
  simulate(async () => {
    await start(stream({ deliveryEnabled: false }), undefined, 100)
    for (const letter of "abc") await log.append(batch(letter.repeat(100)))
    disk.crash("process")
    await start(stream({ deliveryEnabled: false }), undefined, 100)
    for (const { path } of disk.files.filter((file) => file.path.endsWith(".segment")))
      disk.flipBit(path, inFirstRecord, 1)
    await delivery.update(stream())
    const outcome = await delivery.flush("orders", new AbortController().signal)
    assert.equal(outcome?.complete, true)
    assert.deepEqual(attempts, [])
  }),
)

const letters = ["a", "b", "c", "d", "e", "f"]

/** Puts some records that are a batch and a segment each, and drains; with a crash in the middle, in two lives. */
async function deliverSome(crash?: {
  readonly kind: "process" | "power"
  readonly moment: "before" | "after"
  readonly operation: number
}) {
  clock = new SimulatedClock()
  disk = new SimulatedDisk({ random: createSimulatedRandom(crash?.operation ?? 0), clock })
  attempts = []
  await clock.run(
    (async () => {
      await start(stream(), undefined, 100)
      for (const letter of letters) await log.append(batch(letter.repeat(100)))
      if (crash !== undefined) disk.crashAt(crash.moment, disk.operationCount + crash.operation, crash.kind)
      await Promise.race([delivery.flush("orders", new AbortController().signal), life.ended, clock.sleep(minute)])
      if (crash === undefined) return
      disk.crash(crash.kind)
      await start(stream(), undefined, 100)
      await delivery.flush("orders", new AbortController().signal)
    })(),
  )
  // What the store holds at the end: the last content under each id.
  const stored = new Map(attempts.map(({ decision, content }) => [decision["id"], content]))
  return [...stored.values()].map((content) => content.slice(0, 1)).sort()
}

for (const kind of ["process", "power"] as const) {
  test(`whichever operation of the disk a crash comes at (${kind}), each record is in one object in the end, once`, async () => {
    assert.deepEqual(await deliverSome(), letters)
    const operationCount = disk.operationCount
    for (const moment of ["before", "after"] as const) {
      for (let operation = 1; operation <= operationCount; operation++) {
        const crash = { kind, moment, operation }
        assert.deepEqual(await deliverSome(crash), letters, `${moment} operation ${operation}`)
      }
    }
  })
}
