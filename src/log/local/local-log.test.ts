import assert from "node:assert/strict"
import fs from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, test } from "node:test"
import { isDeepStrictEqual } from "node:util"
import fc from "fast-check"
import { systemClock, systemDisk, systemRandom } from "../../platform/index.ts"
import { AppendError, asPosition, inTheClear, type Log, type LogPartition } from "../log.ts"
import { writeFrame } from "./frame.ts"
import { openLocalLog } from "./local-log.ts"
import type { LocalLogLimits } from "./local-partition.ts"
import { batch, read, readAll, readInSteps } from "./testing.ts"

const limits: LocalLogLimits = {
  segmentBytesMax: 4096,
  segmentAgeMsMax: 3_600_000,
  queueBytesMax: 64 * 1024 * 1024,
  queueAgeMsMax: 5000,
}
const name = { streamUid: "orders-1", partition: 0 }

let folder: string
let notes: string[]
const opened: Log[] = []

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-log-"))
  notes = []
})
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close()
  await fs.rm(folder, { recursive: true })
})

async function open(changed: Partial<LocalLogLimits> = {}): Promise<LogPartition> {
  const onNote = (_: unknown, note: string) => notes.push(note)
  const log = openLocalLog({
    disk: systemDisk,
    folder,
    clock: systemClock,
    random: systemRandom,
    limits: { ...limits, ...changed },
    onNote,
  })
  opened.push(log)
  return log.open(name, inTheClear)
}

/** Ends the log as a stop does, so that a test can look at its files and open it again. */
async function stop() {
  for (const log of opened.splice(0)) await log.close()
}

const segments = async () => (await fs.readdir(path.join(folder, "orders-1", "0"))).sort()
const segmentFile = async (index: number) => path.join(folder, "orders-1", "0", (await segments()).at(index) ?? "none")

test("records come back in the order and with the positions of their appends", async () => {
  const partition = await open()
  const first = await partition.append(batch("a", "", "ccc"))
  const second = await partition.append(batch("d"))
  assert.deepEqual([first.position, second.position, partition.end], [0, 3, 4])
  assert.deepEqual((await readAll(partition)).records, ["a", "", "ccc", "d"])
})

test("a read gives the parts of frames that it asks for", async () => {
  const partition = await open()
  await partition.append(batch("a", "bb", "ccc"))
  await partition.append(batch("dd", "e"))
  assert.deepEqual(await read(partition, 1), { records: ["bb", "ccc", "dd", "e"], lost: 0, next: 5 })
  assert.deepEqual(await read(partition, 1, 2), { records: ["bb"], lost: 0, next: 2 })
  assert.deepEqual(await read(partition, 2, 4), { records: ["ccc", "dd"], lost: 0, next: 4 })
})

test("frames are measured without their records, and one that began before by what is left of it", async () => {
  const partition = await open()
  const { arrivalMs } = await partition.append(batch("a", "bb", "ccc"))
  await partition.append(batch("dd", "e"))
  const { frames, damage, next } = await partition.measure(asPosition(1), 5)
  assert.deepEqual(
    { frames, damage, next },
    { frames: [{ position: 1, recordCount: 2, sizeBytes: 5, arrivalMs }], damage: [], next: 3 },
  )
  assert.deepEqual(
    (await partition.measure(next, 1)).frames.map(({ sizeBytes }) => sizeBytes),
    [3],
  )
})

test("frames larger than what is read at a time are read whole", async () => {
  const partition = await open({ segmentBytesMax: 64 * 1024 * 1024 })
  const records = ["x".repeat(700_000), "y".repeat(900_000), "z".repeat(2_500_000)]
  for (const record of records) await partition.append(batch(record))
  assert.ok(isDeepStrictEqual((await readAll(partition)).records, records))
  assert.deepEqual(
    (await partition.measure(asPosition(0), 4_000_000)).frames.map(({ sizeBytes }) => sizeBytes),
    [700_000, 900_000, 2_500_000],
  )
})

test("appends that come together are stored together, and each gets its own positions", async () => {
  const partition = await open()
  const appended = await Promise.all(
    Array.from({ length: 200 }, (_, index) => partition.append(batch(`r${index}`, "x"))),
  )
  assert.deepEqual(
    appended.map(({ position }) => position),
    Array.from({ length: 200 }, (_, index) => index * 2),
  )
})

test("what was appended is there after the log is opened again, over many segments", async () => {
  const expected = Array.from({ length: 300 }, (_, index) => `record ${index} ${"x".repeat(index)}`)
  for (const part of [expected.slice(0, 100), expected.slice(100, 200), expected.slice(200)]) {
    const partition = await open()
    for (const record of part) await partition.append(batch(record))
    await stop()
  }
  const partition = await open()
  assert.ok((await segments()).length > 5)
  assert.deepEqual(await readAll(partition), { records: expected, lost: 0 })
})

test("whatever is appended and however it is read, the same records come back", async () => {
  const anyBatches = fc.array(fc.array(fc.string({ maxLength: 2000 }), { minLength: 1, maxLength: 8 }), {
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(anyBatches, fc.integer({ min: 1, max: 12 }), async (batches, countMax) => {
      await fs.rm(path.join(folder, "orders-1"), { recursive: true, force: true })
      const partition = await open()
      for (const records of batches) await partition.append(batch(...records))
      assert.deepEqual(await readInSteps(partition, countMax), batches.flat())
      await stop()
      assert.deepEqual(await readInSteps(await open(), countMax), batches.flat())
      await stop()
    }),
    { numRuns: 30 },
  )
})

test("a write that was cut short is cut off, and positions go on after the last whole frame", async () => {
  const partition = await open()
  await partition.append(batch("whole"))
  await partition.append(batch("torn"))
  await stop()
  const file = await segmentFile(-1)
  const { size } = await fs.stat(file)
  const markBytes = 32
  for (const cutBytes of [1, 20, 51].map((bytes) => markBytes + bytes)) {
    const copy = await fs.readFile(file)
    await fs.truncate(file, size - cutBytes)
    const again = await open()
    assert.deepEqual((await readAll(again)).records, ["whole"])
    assert.match(notes.join(), /Cut \d+ bytes of an unfinished write/)
    assert.equal((await again.append(batch("new"))).position, 1)
    await stop()
    await fs.rm(path.join(folder, "orders-1", "0"), { recursive: true })
    await fs.mkdir(path.join(folder, "orders-1", "0"))
    await fs.writeFile(file, copy)
  }
})

test("a damaged frame is told, and all the others are read", async () => {
  const partition = await open()
  for (const record of ["first", "second", "third", "fourth"]) await partition.append(batch(record, "and more"))
  await stop()
  const file = await segmentFile(0)
  const content = await fs.readFile(file)
  const at = content.indexOf("second")
  for (const offset of [at, at - 8 - 48, at - 8 - 36]) {
    const damaged = Buffer.from(content)
    damaged.writeUInt8(damaged.readUInt8(offset) ^ 0x10, offset)
    await fs.writeFile(file, damaged)
    const again = await open()
    const read = await readAll(again)
    assert.deepEqual(read, { records: ["first", "and more", "third", "and more", "fourth", "and more"], lost: 2 })
    await stop()
  }
})

test("what looks like a frame inside a damaged record is not taken for one", async () => {
  const other = Buffer.alloc(200)
  const place = { arrivalMs: 1, groupOffset: 0, salt: 0 }
  writeFrame(other, 0, batch("FORGED"), { ...place, position: asPosition(5_000_000) }, undefined)
  const last = asPosition(Number.MAX_SAFE_INTEGER)
  writeFrame(other, 100, batch("FORGED"), { ...place, position: last }, undefined)
  const partition = await open()
  await partition.append(batch("first"))
  await partition.append({ lengths: Uint32Array.of(other.length), data: other })
  await partition.append(batch("third"))
  await stop()
  const file = await segmentFile(0)
  const content = await fs.readFile(file)
  const inSecond = content.indexOf("FORGED") - 52 - 30
  content.writeUInt8(content.readUInt8(inSecond) ^ 1, inSecond)
  await fs.writeFile(file, content)
  assert.deepEqual(await readAll(await open()), { records: ["first", "third"], lost: 1 })
  await stop()
  await fs.truncate(file, content.length - 60)
  const again = await open()
  assert.deepEqual((await readAll(again)).records, ["first"])
  assert.equal(again.end, 1)
})

test("a segment that is missing is told as damage", async () => {
  const partition = await open({ segmentBytesMax: 100 })
  for (let index = 0; index < 6; index++) await partition.append(batch(`record ${index} ${"x".repeat(60)}`))
  await stop()
  await fs.unlink(await segmentFile(2))
  const read = await readAll(await open())
  assert.equal(read.records.length + read.lost, 6)
  assert.ok(read.lost > 0)
})

test("trimming deletes the segments that hold nothing else, and keeps the rest readable", async () => {
  const partition = await open({ segmentBytesMax: 100 })
  for (let index = 0; index < 6; index++) await partition.append(batch(`record ${index} ${"x".repeat(60)}`))
  const before = await segments()
  await partition.trim(asPosition(4))
  assert.ok((await segments()).length < before.length)
  assert.match((await read(partition, 4)).records[0] ?? "", /^record 4/)
})

test("positions that the disk has lost are never given out again, and what it has not lost stays", async () => {
  const partition = await open({ segmentBytesMax: 100 })
  const records = ["a", "b", "c"].map((name) => `${name} ${"x".repeat(80)}`)
  for (const record of records) await partition.append(batch(record))
  await partition.skipTo(asPosition(10))
  assert.deepEqual((await read(partition, 0)).records, records)
  assert.equal((await partition.append(batch("b"))).position, 10)
  assert.deepEqual((await read(partition, 10)).records, ["b"])
})

test("a large trimmed segment is let go though records may still come", async () => {
  const partition = await open({ segmentBytesMax: 64 * 1024 * 1024 })
  await partition.append(batch("x".repeat(2 * 1024 * 1024)))
  await partition.trim(partition.end)
  assert.ok(partition.storedBytes < 1024, `${partition.storedBytes} bytes are left`)
  assert.equal((await partition.append(batch("next"))).position, 1)
})

test("more than may wait for the disk is refused, and nothing of it is stored", async () => {
  const partition = await open({ queueBytesMax: 3000 })
  const large = batch("x".repeat(2000))
  const outcomes = await Promise.allSettled([partition.append(large), partition.append(large)])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected"],
  )
  const [, refused] = outcomes
  assert.ok(refused?.status === "rejected" && refused.reason instanceof AppendError && refused.reason.kind === "full")
  assert.equal(partition.end, 1)
})

test("a reader that waits is woken by the next append, and by its signal", async () => {
  const partition = await open()
  const signal = new AbortController()
  const woken = partition.waitBeyond(asPosition(0), signal.signal)
  await partition.append(batch("a"))
  await woken
  const ended = partition.waitBeyond(asPosition(1), signal.signal)
  signal.abort()
  await ended
})

test("closing stores what waits, however much it is", async () => {
  const partition = await open({ segmentBytesMax: 64 * 1024 * 1024 })
  const large = batch("x".repeat(4 * 1024 * 1024))
  const appended = Array.from({ length: 8 }, () => partition.append(large))
  await stop()
  assert.equal(partition.end, 8)
  await Promise.all(appended)
})

test("a deleted stream leaves no file, and its partition takes no more", async () => {
  const log = openLocalLog({
    disk: systemDisk,
    folder,
    clock: systemClock,
    random: systemRandom,
    limits,
    onNote: () => {},
  })
  const partition = await log.open(name, inTheClear)
  await partition.append(batch("a"))
  await log.delete("orders-1")
  assert.deepEqual(await fs.readdir(folder), [])
  await assert.rejects(partition.append(batch("b")), { name: "AppendError", kind: "closed" })
})
