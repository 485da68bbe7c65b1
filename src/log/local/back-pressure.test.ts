import assert from "node:assert/strict"
import { test } from "node:test"
import { type Clock, type Disk, systemClock, systemDisk } from "../../platform/index.ts"
import { createSimulatedRandom, Life, SimulatedDisk } from "../../platform/simulated/index.ts"
import { inTheClear } from "../log.ts"
import { openLocalLog } from "./local-log.ts"
import { batch, readAll, TestLog } from "./testing.ts"

/** The machine's disk, on which writes wait while `held` is there. */
function disk(writes: { held: Promise<void> | undefined }): Disk {
  return {
    ...systemDisk,
    async open(path, mode) {
      const file = await systemDisk.open(path, mode)
      const write = file.write.bind(file)
      file.write = async (chunks, offset) => {
        await writes.held
        await write(chunks, offset)
      }
      return file
    },
  }
}

test("while a write hangs for too long puts are refused at once, and go on by themselves when it is through", async (context) => {
  let nowMs = 0
  const clock: Clock = { ...systemClock, elapsed: () => nowMs }
  const writes: { held: Promise<void> | undefined } = { held: undefined }
  const log = await TestLog.make(context)
  const partition = await log.open({ disk: disk(writes), clock, limits: { queueAgeMsMax: 5000 } })
  await partition.append(batch("before"))
  let letGo = () => {}
  writes.held = new Promise((resolve) => {
    letGo = resolve
  })
  const hanging = partition.append(batch("hanging"))
  nowMs = 5000
  const waiting = partition.append(batch("waiting"))
  nowMs = 6100
  await assert.rejects(partition.append(batch("refused")), {
    name: "AppendError",
    kind: "full",
    message: /^A write to ".*" has been under way for 6 s: the disk hangs or can't keep up/,
  })
  letGo()
  await Promise.all([hanging, waiting])
  await partition.append(batch("after"))
  assert.deepEqual(await readAll(partition), { records: ["before", "hanging", "waiting", "after"], lost: 0 })
})

test("the bytes that may wait for the disk are those of all streams together", async () => {
  const simulated = new SimulatedDisk({ random: createSimulatedRandom(1) })
  const limits = { segmentBytesMax: 1 << 20, segmentAgeMsMax: 60_000, queueBytesMax: 3000, queueAgeMsMax: 5000 }
  const world = { disk: simulated.mount(new Life()), clock: systemClock, random: createSimulatedRandom(2) }
  const log = openLocalLog({ ...world, folder: "/log", limits, onNote: () => undefined })
  const open = (streamUid: string) => log.open({ streamUid, partition: 0 }, inTheClear)
  const [orders, clicks] = [await open("orders-1"), await open("clicks-1")]
  const large = batch("x".repeat(2000))
  const stored = orders.append(large)
  await assert.rejects(clicks.append(large), {
    kind: "full",
    message: /^2052 bytes wait for the disk, and no more than/,
  })
  await clicks.append(batch("small"))
  await stored
  await clicks.append(large)
})

for (const code of ["EIO", "ENOSPC"]) {
  test(`a write that fails with ${code} refuses its records, and the next go into a new segment`, async () => {
    const simulated = new SimulatedDisk({ random: createSimulatedRandom(1) })
    const limits = { segmentBytesMax: 1 << 20, segmentAgeMsMax: 60_000, queueBytesMax: 3000, queueAgeMsMax: 5000 }
    const world = { disk: simulated.mount(new Life()), clock: systemClock, random: createSimulatedRandom(2) }
    const log = openLocalLog({ ...world, folder: "/log", limits, onNote: () => undefined })
    const partition = await log.open({ streamUid: "orders-1", partition: 0 }, inTheClear)
    await partition.append(batch("kept"))
    simulated.failNext("durableWrite", code)
    await assert.rejects(partition.append(batch("refused")), {
      kind: "full",
      message: new RegExp(`Cannot store .*${code}`),
    })
    assert.equal((await partition.append(batch("after"))).position, 1)
    assert.equal(simulated.files.length, 2)
    assert.deepEqual(await readAll(partition), { records: ["kept", "after"], lost: 0 })
  })
}
