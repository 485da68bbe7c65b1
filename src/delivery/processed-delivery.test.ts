import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { pino } from "pino"
import { conversionWorldWith } from "../conversion/testing.ts"
import type { DeliveryOutcome, DestinationKind } from "../destinations/index.ts"
import { type FrameKeys, inTheClear, type LogPartition, openLocalLog, type RecordBatch } from "../log/index.ts"
import { createMetrics } from "../observe/index.ts"
import {
  createSimulatedRandom,
  type DiskOperation,
  Life,
  SimulatedClock,
  SimulatedDisk,
} from "../platform/simulated/index.ts"
import type { ProcessorChain, RecordFailure, WorkingRecord } from "../processors/index.ts"
import { worldWith } from "../processors/testing.ts"
import type { JsonObject } from "../shapes/index.ts"
import { notEncrypted, type StreamDefinition } from "../streams/index.ts"
import { hereAndNow } from "../workers/index.ts"
import type { Delivery } from "./delivery.ts"
import { createDelivery } from "./log-delivery.ts"

const minute = 60_000
const hour = 60 * minute

let clock: SimulatedClock
let disk: SimulatedDisk
let onOperation: (operation: DiskOperation) => void
/** Objects by the id that was decided for them, with what they are made of. */
let objects: Map<string, { readonly output: string; readonly content: string; readonly size: number }>
let answers: DeliveryOutcome[]
let life: Life
let lives = 0
let delivery: Delivery
let log: LogPartition
let metrics: ReturnType<typeof createMetrics>
/** Calls of the processor: no two give the same. */
let calls: number
let frameKeys: FrameKeys
let processing: "works" | "fails" | "hangs"

/**
 * Records are texts `partition:text`. `drop:` and `fail:` say what becomes of one; of any other, the call that processed it
 * is a part. With `split` there are two of each.
 */
function chainOf(split: boolean): ProcessorChain {
  return {
    hints: { sizeBytes: 40, intervalMs: 10_000 },
    async process({ sources }, signal) {
      calls++
      if (processing === "fails") throw new Error("the processor is broken")
      if (processing === "hangs") {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))
        throw new Error("aborted")
      }
      const call = calls
      const records: WorkingRecord[] = []
      const failures: RecordFailure[] = []
      for (const [source, { data }] of sources.entries()) {
        const [key = "", text = ""] = Buffer.from(data).toString().split(":")
        if (key === "drop") continue
        if (key === "fail") {
          const attemptEndedMs = clock.now()
          const kind = "processing-failed"
          failures.push({
            source,
            kind,
            code: "Lambda.X",
            message: "no",
            attemptsMade: 2,
            attemptEndedMs,
            lambdaArn: "f",
          })
          continue
        }
        const keys = { lambda: { key } }
        for (let part = 0; part < (split ? 2 : 1); part++) {
          records.push({ source, keys, data: Buffer.from(`${text}@${call};`) })
        }
      }
      return { records, failures, counts: [{ name: "SucceedProcessing.Records", amount: records.length }] }
    },
  }
}

const recorder: DestinationKind = {
  name: "recorder",
  metricsName: "DeliveryToS3",
  supports: { idempotent: true },
  views: [],
  open: (stored, world) => ({
    buffering: { bufferBytesMax: Number(stored["bytes"]), intervalMs: minute },
    processing:
      stored["process"] === undefined
        ? undefined
        : {
            chain: chainOf(stored["process"] === "split"),
            partitionOf:
              stored["partitioned"] === true
                ? ({ lambda }) => ({ kind: "partition", partition: [lambda?.["key"] ?? ""] })
                : undefined,
            conversion: undefined,
          },
    backup:
      stored["backup"] === true ? { kind: "recorder", configuration: { bytes: 1000, name: "backup" } } : undefined,
    target: "recorder",
    errorLog: undefined,
    decide: ({ output }) => ({ id: world.random.uuid(), output: { ...output }, name: stored["name"] ?? "" }),
    locationOf: () => "recorder",
    memoryBytes: () => 0,
    async deliver({ id, output, name }, batch) {
      const chunks: Uint8Array[] = []
      for await (const chunk of batch.bytes()) chunks.push(Uint8Array.from(chunk))
      const content = Buffer.concat(chunks).toString()
      const answer = answers.shift()
      if (answer !== undefined) return answer
      const object = { output: String(name) + JSON.stringify(output), content, size: content.length }
      // Whatever was stored under a name stays what it was: a repeated delivery gives the same bytes.
      assert.deepEqual(objects.get(String(id)) ?? object, object)
      objects.set(String(id), object)
      return { kind: "delivered", location: String(id), sizeBytes: content.length }
    },
  }),
}

function stream(configuration: JsonObject = {}, changes: Partial<StreamDefinition> = {}): StreamDefinition {
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
      configuration: { bytes: 100, process: "once", ...configuration },
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

async function start(definition: StreamDefinition) {
  life = new Life()
  const mounted = disk.mount(life)
  const random = createSimulatedRandom(++lives)
  metrics = createMetrics()
  const lived = life.clock(clock)
  const limits = { segmentBytesMax: 200, segmentAgeMsMax: hour, queueBytesMax: 1 << 20, queueAgeMsMax: 5000 }
  const logs = openLocalLog({ disk: mounted, folder: "/log", clock: lived, random, limits, onNote: () => {} })
  log = await logs.open({ streamUid: definition.uid, partition: 0 }, frameKeys)
  delivery = createDelivery({
    disk: mounted,
    folder: "/delivery",
    spoolFolder: "/spool",
    clock: lived,
    random,
    metrics,
    logger: pino({ level: "silent" }),
    errorLog: { write: () => {}, close: async () => {} },
    kinds: [recorder],
    world: {
      random,
      objects: { put: () => assert.fail("no object store here"), close: async () => {} },
      workers: hereAndNow,
      processors: worldWith(),
      ...conversionWorldWith(),
    },
    limits: { intervalMsMax: undefined, retentionMs: 24 * hour },
  })
  await delivery.start(definition, [log])
}

function simulate(work: () => Promise<void>): () => Promise<void> {
  return () => clock.run(work())
}

const flush = () => delivery.flush("orders", new AbortController().signal)
const data = JSON.stringify({ kind: "data" })
const ofPartition = (key: string) => JSON.stringify({ kind: "partition", partition: [key] })

/** What was delivered of one output, in one text, without the numbers of calls. */
function delivered(output: string): string {
  const contents = [...objects.values()].filter((object) => object.output === output).map(({ content }) => content)
  return contents.join("").replaceAll(/@\d+;/g, ";")
}

const texts = (text: string) => text.split(";").filter((one) => one !== "")

beforeEach(() => {
  clock = new SimulatedClock()
  onOperation = () => {}
  disk = new SimulatedDisk({
    random: createSimulatedRandom(1),
    clock,
    observe: (operation) => onOperation(operation),
  })
  objects = new Map()
  answers = []
  calls = 0
  processing = "works"
  frameKeys = inTheClear
})

test(
  "records are processed, and what comes of them is delivered: data, and failures whole with why",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a:one", "drop:x", "fail:y", "b:two"))
    const outcome = await flush()
    assert.equal(outcome?.complete, true)
    assert.equal(delivered(data), "one;two;")
    const failed = [...objects.values()].find(({ output }) => output.includes("processing-failed"))
    const line = JSON.parse(failed?.content ?? "")
    assert.deepEqual(Object.keys(line), [
      "rawData",
      "errorCode",
      "errorMessage",
      "attemptsMade",
      "arrivalTimestamp",
      "attemptEndingTimestamp",
      "lambdaARN",
    ])
    assert.equal(Buffer.from(line.rawData, "base64").toString(), "fail:y")
    assert.equal(calls, 1)
  }),
)

test(
  "each partition has its own buffers, by size and by age",
  simulate(async () => {
    await start(stream({ partitioned: true, bytes: 20 }))
    for (let index = 0; index < 12; index++) await log.append(batch(`a:${index}`, `b:${index}x`))
    await clock.sleep(50_000)
    const contents = [...objects.values()].filter(({ output }) => output === ofPartition("a"))
    assert.ok(contents.length >= 2, `${contents.length} full buffers`)
    assert.ok(contents.every(({ size }) => size >= 20 && size < 26))
    await clock.sleep(2 * minute)
    const numbers = Array.from({ length: 12 }, (_, index) => String(index))
    assert.deepEqual(texts(delivered(ofPartition("a"))), numbers)
    assert.deepEqual(
      texts(delivered(ofPartition("b"))),
      numbers.map((one) => `${one}x`),
    )
  }),
)

test(
  "there are as many partitions open as there may be, and records of others are in the error output",
  simulate(async () => {
    await start(stream({ partitioned: true, bytes: 10_000 }))
    await log.append(batch(...Array.from({ length: 503 }, (_, index) => `p${index}:x`)))
    await clock.sleep(15_000)
    await log.append(batch("p7:again"))
    await flush()
    const failed = [...objects.values()].filter(({ output }) => output.includes("activePartitionExceeded"))
    assert.equal(
      failed
        .map(({ content }) => content)
        .join("")
        .trim()
        .split("\n").length,
      3,
    )
    assert.equal(delivered(ofPartition("p7")), "x;again;")
    assert.equal(delivered(ofPartition("p500")), "")
    await log.append(batch("p500:x"))
    await flush()
    assert.equal(delivered(ofPartition("p500")), "x;")
  }),
)

test(
  "a processor that does not work holds its records up, and they are processed when it does",
  simulate(async () => {
    processing = "fails"
    await start(stream())
    await log.append(batch("a:one"))
    await clock.sleep(5 * minute)
    assert.equal(objects.size, 0)
    processing = "works"
    await flush()
    assert.equal(delivered(data), "one;")
  }),
)

test(
  "one that hangs does not hold up a stop, and its records are processed in the next life",
  simulate(async () => {
    processing = "hangs"
    await start(stream())
    await log.append(batch("a:one"))
    await clock.sleep(minute)
    await delivery.close(1000)
    processing = "works"
    await start(stream())
    await flush()
    assert.equal(delivered(data), "one;")
  }),
)

test(
  "source records are backed up as they came, beside what is made of them",
  simulate(async () => {
    await start(stream({ backup: true, process: "split" }))
    await log.append(batch("a:one", "fail:two"))
    await flush()
    assert.equal(delivered(data), "one;one;")
    assert.equal(delivered(`backup${data}`), "a:onefail:two")
  }),
)

test(
  "processing is turned on and off, and each record goes one way",
  simulate(async () => {
    const raw = stream()
    const { process: _, ...configuration } = raw.destination.configuration
    const direct = (version: number) => ({ ...raw, version, destination: { ...raw.destination, configuration } })
    await start(direct(1))
    answers = Array.from(
      { length: 3 },
      () => ({ kind: "later", mayBeDelivered: true, code: "X", message: "x" }) as const,
    )
    await log.append(batch("1".repeat(100)))
    await clock.sleep(100)
    await delivery.update({ ...raw, version: 2 })
    await log.append(batch("a:2"))
    await clock.sleep(30_000)
    await delivery.update(direct(3))
    await log.append(batch("3"))
    await delivery.update({ ...raw, version: 4 })
    await delivery.update(direct(5))
    await log.append(batch("4"))
    await flush()
    assert.equal(
      [...objects.values()]
        .map(({ content }) => content.replace(/@\d+/, ""))
        .sort()
        .join(" "),
      `${"1".repeat(100)} 2; 34`,
    )
    await delivery.close(1000)
    objects.clear()
    await start(direct(6))
    await flush()
    assert.equal(objects.size, 0)
  }),
)

const spoolFiles = () => disk.files.filter(({ path }) => path.endsWith(".spool"))

test(
  "damage to what was processed is counted by its records, and the rest is delivered",
  simulate(async () => {
    await start(stream({ partitioned: true, bytes: 10_000 }))
    await log.append(batch("a:one", "b:two", "b:three", "c:four"))
    await clock.sleep(15_000)
    disk.crash("process")
    const [file] = spoolFiles()
    // In the second block: the first one has a length and seven bytes.
    disk.flipBit(file?.path ?? "", 4 + 6 + 2 * 4 + 1, 1)
    await start(stream({ partitioned: true, bytes: 10_000 }))
    const outcome = await flush()
    assert.equal(outcome?.complete, true)
    assert.equal(delivered(ofPartition("a")) + delivered(ofPartition("b")) + delivered(ofPartition("c")), "one;four;")
    assert.match((await metrics.expose()).text, /damaged_records\S* 2\n/i)
    assert.equal(calls, 1)
  }),
)

test(
  "a journal whose last entry is damaged has its records processed again, and loses none",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a:one"))
    await clock.sleep(15_000)
    await log.append(batch("a:two"))
    await clock.sleep(15_000)
    disk.crash("process")
    const journal = disk.files.find(({ path }) => /^\/spool\/.*segment$/.test(path))
    const lastEntry = Buffer.from('["chunk",1,2')
    const content = await readAll(journal?.path ?? "")
    disk.flipBit(journal?.path ?? "", content.indexOf(lastEntry), 1)
    await start(stream())
    await flush()
    assert.equal(delivered(data), "one;two;")
  }),
)

async function readAll(path: string): Promise<Buffer> {
  const file = await disk.mount(new Life()).open(path, "read")
  const content = Buffer.alloc(await file.size())
  await file.read(content, 0)
  await file.close()
  return content
}

test(
  "what is delivered is deleted: files that were full at once, and the last one at the next start",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a:one"))
    await flush()
    await log.append(batch("a:two"))
    await clock.sleep(15_000)
    assert.equal(spoolFiles().length, 1)
    await delivery.close(1000)
    await start(stream())
    await flush()
    assert.equal(delivered(data), "one;two;")
    await delivery.close(1000)
    await start(stream())
    assert.deepEqual(spoolFiles(), [])
    await delivery.stop("orders-1")
    await delivery.forget("orders-1")
    assert.deepEqual(
      disk.files.filter(({ path }) => !path.startsWith("/log")),
      [],
    )
  }),
)

test(
  "what is processed is sealed as its stream is, and found with the key that it was sealed with",
  simulate(async () => {
    const key = { id: `${"0".repeat(31)}1`, secret: Buffer.alloc(32, 7) }
    const sealed = { sealing: { kind: "sealed", key } as const, find: async () => key }
    frameKeys = sealed
    const dataKeys = [{ id: key.id, key: { type: "AWS_OWNED_CMK" } as const, wrapped: "" }]
    const encryption = {
      state: { status: "ENABLED", key: { type: "AWS_OWNED_CMK" } } as const,
      dataKeys,
      changesMs: [],
    }
    await start(stream({ partitioned: true, bytes: 1000 }, { encryption }))
    await log.append(batch("secretkey:secrettext"))
    await clock.sleep(15_000)
    disk.crash("process")
    for (const { path } of disk.files) {
      const content = await readAll(path)
      assert.equal(content.includes("secret"), false, path)
    }
    assert.equal(spoolFiles().length, 1)
    await start(stream({ partitioned: true, bytes: 1000 }, { encryption }))
    await flush()
    assert.equal(delivered(ofPartition("secretkey")), "secrettext;")
    assert.equal(calls, 1)
  }),
)

/** Puts some records and drains, with a crash in the middle: in two lives, or three. Answers what each output has in the end. */
async function processSome(crash?: {
  readonly kind: "process" | "power"
  readonly moment: "before" | "after"
  readonly operation: number
}) {
  clock = new SimulatedClock()
  disk = new SimulatedDisk({ random: createSimulatedRandom(crash?.operation ?? 0), clock })
  objects = new Map()
  const definition = stream({ partitioned: true, bytes: 25, backup: true })
  let acknowledged = 0
  await clock.run(
    (async () => {
      await start(definition)
      if (crash !== undefined) disk.crashAt(crash.moment, disk.operationCount + crash.operation, crash.kind)
      const put = async () => {
        for (let index = 0; index < 6; index++) {
          await log.append(batch(`${"abc"[index % 3]}:r${index}`, `a:s${index}`, `fail:f${index}`))
          acknowledged = index + 1
          await clock.sleep(4000)
        }
      }
      await Promise.race([put().then(flush), life.ended, clock.sleep(10 * minute)])
      if (crash === undefined) return
      disk.crash(crash.kind)
      await start(definition)
      await flush()
    })(),
  )
  const all = [...objects.values()]
  const ofKind = (kind: string) => all.filter(({ output }) => output.startsWith(kind)).map(({ content }) => content)
  const failures = ofKind('{"kind":"failed"').join("").split("\n").filter(Boolean)
  return {
    acknowledged,
    records: texts(ofKind('{"kind":"partition"').join("").replaceAll(/@\d+;/g, ";")).sort(),
    failed: failures
      .map((line) => Buffer.from(JSON.parse(line).rawData, "base64").toString().slice("fail:".length))
      .sort(),
    backup: ofKind("backup").join(""),
  }
}

for (const kind of ["process", "power"] as const) {
  test(`whichever operation of the disk a crash comes at (${kind}), what comes of each record is delivered once`, async () => {
    const whole = await processSome()
    assert.equal(whole.records.length, 12)
    const operationCount = disk.operationCount
    for (const moment of ["before", "after"] as const) {
      for (let operation = 1; operation <= operationCount; operation++) {
        const { acknowledged, records, failed, backup } = await processSome({ kind, moment, operation })
        const told = `${moment} operation ${operation} of ${operationCount}, ${acknowledged} acknowledged`
        // One more may have been stored without an answer.
        const countMin = acknowledged
        const expected = (count: number) => whole.records.filter((one) => Number(one.slice(1)) < count)
        const count = failed.length
        assert.ok(count === countMin || count === countMin + 1, `${told}: ${count} are there`)
        assert.deepEqual(records, expected(count), told)
        assert.equal(new Set(failed).size, count, told)
        assert.equal(backup.match(/fail:/g)?.length ?? 0, count, told)
        assert.equal(backup.match(/a:s/g)?.length ?? 0, count, told)
      }
    }
  })
}

test(
  "a file of the spool whose name could not be made durable is not used",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a:one"))
    disk.failNext("syncFolder")
    await clock.sleep(20_000)
    disk.crash("power")
    await start(stream())
    await flush()
    assert.equal(delivered(data), "one;")
    assert.doesNotMatch((await metrics.expose()).text, /damaged_records\S* [1-9]/i)
  }),
)

test(
  "what the journal refused, and has all the same after a crash, is there to be delivered",
  simulate(async () => {
    await start(stream())
    await log.append(batch("a:one"))
    await flush()
    await log.append(batch("a:two"))
    // The next entry in the journal fails, and so does each write of blocks after it. The disk may have the entry.
    let isRefused = false
    onOperation = ({ kind, path }) => {
      if (kind !== "durableWrite" || !path.startsWith("/spool")) return
      if (path.endsWith(".segment")) isRefused = true
      if (isRefused) disk.failNext("durableWrite")
    }
    await clock.sleep(60_000)
    onOperation = () => {}
    assert.ok(isRefused)
    disk.crash("process")
    await start(stream())
    await flush()
    assert.equal(delivered(data), "one;two;")
    assert.doesNotMatch((await metrics.expose()).text, /damaged_records\S* [1-9]/i)
  }),
)

test(
  "a chunk holds so many records at most, however small they are",
  simulate(async () => {
    await start(stream({ bytes: 1_000_000 }))
    for (let put = 0; put < 45; put++) await log.append(batch(...Array.from({ length: 1000 }, () => "")))
    await clock.sleep(20_000)
    assert.ok(calls >= 3, `${calls} calls`)
    await flush()
    assert.equal(delivered(data).split(";").length - 1, 45_000)
  }),
)
