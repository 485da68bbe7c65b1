import assert from "node:assert/strict"
import { stat } from "node:fs/promises"
import { test } from "node:test"
import { createSimulatedRandom, Life, SimulatedDisk } from "../../platform/simulated/index.ts"
import { inTheClear } from "../log.ts"
import { openLocalLog } from "./local-log.ts"
import { batch, readAll, TestLog } from "./testing.ts"

const sizeOf = async (file = "none") => (await stat(file)).size
const large = { segmentBytesMax: 64 * 1024 * 1024 }

test("a segment with little in it takes one block of the disk, and one that is written on never twice what it holds", async (context) => {
  const log = await TestLog.make(context)
  const partition = await log.open({ limits: large })
  await partition.append(batch("first"))
  const [file] = await log.segments()
  assert.equal(await sizeOf(file), 4096)
  let writtenBytes = 136 + 52 + 5
  let changes = 0
  for (let size = await sizeOf(file); writtenBytes < 300_000; ) {
    await partition.append(batch("x".repeat(900)))
    writtenBytes += 52 + 900
    const sizeNow = await sizeOf(file)
    if (sizeNow !== size) changes++
    size = sizeNow
    assert.ok(size >= writtenBytes && size <= 2 * writtenBytes + 4096, `${size} for ${writtenBytes}`)
    assert.equal(partition.storedBytes, size)
  }
  assert.ok(changes < 12, `the file became larger ${changes} times`)
  await log.stop()
  assert.equal(await sizeOf(file), writtenBytes + 32, "it is cut to its end, and that is marked, when it is finished")
})

test("after a large group there are no zeros, nor beyond the size that a segment may have", async (context) => {
  const log = await TestLog.make(context)
  const partition = await log.open({ limits: { segmentBytesMax: 100_000 } })
  await partition.append(batch("x".repeat(80_000)))
  const [file] = await log.segments()
  assert.equal(await sizeOf(file), 136 + 52 + 80_000)
  await partition.append(batch("x".repeat(15_000)))
  assert.equal(await sizeOf(file), Math.ceil(100_000 / 4096) * 4096)
  await partition.append(batch("x".repeat(10_000)))
  assert.equal(await sizeOf(file), 136 + 3 * 52 + 105_000)
})

test("the zeros that a crash leaves behind the last frame are taken off without a word, and nothing is lost", async () => {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
  const notes: string[] = []
  const open = () => {
    const world = { disk: disk.mount(new Life()), random: createSimulatedRandom(2) }
    const clock = { now: () => 0, elapsed: () => 0, sleep: async () => undefined }
    const limits = { ...large, segmentAgeMsMax: 60_000, queueBytesMax: 100_000, queueAgeMsMax: 5000 }
    const log = openLocalLog({ ...world, clock, folder: "/log", limits, onNote: (_, note) => notes.push(note) })
    return log.open({ streamUid: "orders-1", partition: 0 }, inTheClear)
  }
  await (await open()).append(batch("kept"))
  disk.crash("power")
  assert.deepEqual(
    disk.files.map(({ sizeBytes }) => sizeBytes),
    [4096],
  )
  const partition = await open()
  assert.deepEqual(await readAll(partition), { records: ["kept"], lost: 0 })
  assert.deepEqual(notes, [])
  assert.equal(partition.storedBytes, 136 + 52 + 4)
})
