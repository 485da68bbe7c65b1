import assert from "node:assert/strict"
import { test } from "node:test"
import type { Disk } from "../../platform/index.ts"
import { createSimulatedRandom, Life, SimulatedDisk } from "../../platform/simulated/index.ts"
import { asPosition, type FrameKeys, inTheClear, type LogPartition } from "../log.ts"
import { openLocalLog } from "./local-log.ts"
import { batch, texts } from "./testing.ts"

const key = { id: "00112233445566778899aabbccddeeff", secret: Buffer.alloc(32, 1) }
const allKeys: [string, FrameKeys][] = [
  ["in the clear", inTheClear],
  ["sealed", { sealing: { kind: "sealed", key }, find: async () => key }],
]
/** Two records a frame, two frames a segment, three segments. */
const frames = Array.from({ length: 6 }, (_, index) =>
  [`${2 * index}`, `${2 * index + 1}`].map((number) => `record ${number.padStart(2, "0")}`),
)
const records = frames.flat()
const limits = { segmentBytesMax: 250, segmentAgeMsMax: 60_000, queueBytesMax: 100_000, queueAgeMsMax: 5000 }
const folder = "/log/orders-1/0"

function openLog(disk: Disk, onNote: (note: string) => void) {
  const clock = { now: () => 0, elapsed: () => 0, sleep: async () => undefined }
  const world = { disk, clock, random: createSimulatedRandom(1), limits, folder: "/log" }
  return openLocalLog({ ...world, onNote: (_, note) => onNote(note) })
}

/** A disk with a log that was stopped. */
async function stoppedLog(keys: FrameKeys): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
  const log = openLog(disk.mount(new Life()), () => undefined)
  const partition = await log.open({ streamUid: "orders-1", partition: 0 }, keys)
  for (const frame of frames) await partition.append(batch(...frame))
  await log.close()
  // Nothing may be left unsynced, so that it can be copied: not even that finished segments were cut to their ends.
  const mounted = disk.mount(new Life())
  for (const { path } of disk.files) {
    const file = await mounted.open(path, "update")
    await file.sync()
    await file.close()
  }
  disk.crash("power")
  return disk
}

interface Found {
  readonly partition: LogPartition
  readonly records: readonly string[]
  readonly lostCount: number
  readonly notes: readonly string[]
}

/** What is found of a log, all of it, after something has happened to a copy of its disk. */
async function foundAfter(
  original: SimulatedDisk,
  keys: FrameKeys,
  happen: (disk: Disk) => Promise<void>,
): Promise<Found> {
  const disk = original.copy({ random: createSimulatedRandom(1) }).mount(new Life())
  await happen(disk)
  const notes: string[] = []
  const log = openLog(disk, (note) => notes.push(note))
  const partition = await log.open({ streamUid: "orders-1", partition: 0 }, keys)
  const found = { partition, records: [] as string[], lostCount: 0, notes }
  for await (const piece of partition.read(asPosition(0), partition.end)) {
    found.records.push(...texts(piece.frames))
    for (const { from, to } of piece.damage) found.lostCount += to - from
  }
  return found
}

async function flip(disk: Disk, path: string, offset: number): Promise<void> {
  const file = await disk.open(path, "update")
  const byte = Buffer.alloc(1)
  await file.read(byte, offset)
  byte.writeUInt8(byte.readUInt8() ^ (1 << (offset % 8)))
  await file.write([byte], offset)
  await file.close()
}

async function cut(disk: Disk, path: string, sizeBytes: number): Promise<void> {
  const file = await disk.open(path, "update")
  await file.truncate(sizeBytes)
  await file.close()
}

for (const [name, keys] of allKeys) {
  test(`a flipped bit anywhere in a log that was stopped (${name}) loses one frame at most, and none silently`, async () => {
    const disk = await stoppedLog(keys)
    let lossCount = 0
    for (const { path, sizeBytes } of disk.files) {
      for (let offset = 0; offset < sizeBytes; offset++) {
        const found = await foundAfter(disk, keys, (copy) => flip(copy, path, offset))
        const where = `byte ${offset} of ${path}`
        assert.ok(found.lostCount === 0 || found.lostCount === 2, where)
        assert.equal(found.records.length + found.lostCount, records.length, where)
        assert.deepEqual(
          found.records,
          records.filter((record) => found.records.includes(record)),
          where,
        )
        if (found.lostCount > 0) lossCount++
        else if (offset < 136)
          assert.match(found.notes.join(), /header of segment .* is damaged.* nothing is lost/, where)
      }
    }
    assert.ok(lossCount > 400, `${lossCount}`)
  })

  test(`a segment that is cut anywhere (${name}) loses nothing before the cut, and tells what it does lose`, async () => {
    const disk = await stoppedLog(keys)
    const files = disk.files
    assert.equal(files.length, 3)
    const frameBytes = 48 + 2 * (4 + "record 00".length) + (keys === inTheClear ? 0 : 28)
    for (const [index, { path, sizeBytes }] of files.entries()) {
      for (let cutBytes = 0; cutBytes < sizeBytes; cutBytes++) {
        const found = await foundAfter(disk, keys, (copy) => cut(copy, path, cutBytes))
        const wholeFrames = Math.min(2, Math.max(0, Math.floor((cutBytes - 136) / frameBytes)))
        const lostCount = 4 - 2 * wholeFrames
        const expected = records.toSpliced(4 * index + 2 * wholeFrames, lostCount)
        const where = `${path} cut at ${cutBytes}`
        assert.deepEqual(found.records, expected, where)
        // The end of the whole log is like that of a write which a crash cut short: that can't be told.
        assert.equal(found.partition.end, path === files.at(-1)?.path ? expected.length : records.length, where)
        assert.equal(found.records.length + found.lostCount, found.partition.end, where)
      }
    }
  })

  test(`a segment that is missing (${name}) loses its own records only, and they are told`, async () => {
    const disk = await stoppedLog(keys)
    for (const [index, { path }] of disk.files.slice(0, -1).entries()) {
      const found = await foundAfter(disk, keys, (copy) => copy.remove(path))
      assert.equal(found.lostCount, 4)
      assert.deepEqual(found.records, records.toSpliced(4 * index, 4))
    }
  })
}

test("a segment that has another one's name, or none, is found by what it says of itself, and told", async () => {
  const disk = await stoppedLog(inTheClear)
  const path = `${folder}/0000000000000004.segment`
  for (const otherName of ["0000000000000000005.segment", "0000000000000009.segment", "0000000000000001.segment"]) {
    const found = await foundAfter(disk, inTheClear, (copy) => copy.rename(path, `${folder}/${otherName}`))
    const isSegmentName = otherName.length === 24
    assert.equal(found.notes.length, 1, otherName)
    assert.match(
      found.notes[0] ?? "",
      isSegmentName ? /it was renamed to "0000000000000004.segment"/ : /is not the name of a segment/,
    )
    assert.equal(found.lostCount, isSegmentName ? 0 : 4)
    assert.equal(found.records.length + found.lostCount, records.length)
  }
})

test("a copy of a segment under another name changes nothing but that it is told", async () => {
  const disk = await stoppedLog(inTheClear)
  const found = await foundAfter(disk, inTheClear, async (copy) => {
    const source = await copy.open(`${folder}/0000000000000004.segment`, "read")
    const content = Buffer.alloc(await source.size())
    await source.read(content, 0)
    const target = await copy.open(`${folder}/0000000000000006.segment`, "create")
    await target.write([content], 0)
  })
  assert.deepEqual([found.records, found.lostCount], [records, 0])
  assert.match(found.notes[0] ?? "", /it is left alone/)
})

test("positions that a stop marked as used are not given again, though the frame before the mark is damaged", async () => {
  const disk = await stoppedLog(inTheClear)
  const { path = "", sizeBytes = 0 } = disk.files.at(-1) ?? {}
  const { partition } = await foundAfter(disk, inTheClear, (copy) => flip(copy, path, sizeBytes - 32 - 5))
  assert.equal((await partition.append(batch("new"))).position, records.length)
})
