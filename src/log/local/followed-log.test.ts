/** A partition that is written here and read by one that follows it, which is told how it grows. */
import assert from "node:assert/strict"
import fs from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { type Clock, systemClock, systemDisk, systemRandom } from "../../platform/index.ts"
import { asPosition, inTheClear, type PartitionExtent } from "../log.ts"
import { FollowedLog } from "./followed-log.ts"
import type { FollowedPartition } from "./followed-partition.ts"
import { type GrownPartition, GrowthTeller } from "./growth-teller.ts"
import { openLocalLog } from "./local-log.ts"
import { batch, read } from "./testing.ts"

const name = { streamUid: "orders-1", partition: 0 }

/** A clock whose sleeps end when the test says so. */
class HeldClock implements Clock {
  readonly #sleeping: (() => void)[] = []
  now = () => systemClock.now()
  elapsed = () => systemClock.elapsed()
  sleep = () => new Promise<void>((resolve) => void this.#sleeping.push(resolve))

  get sleepCount() {
    return this.#sleeping.length
  }

  async wakeAll() {
    for (const wake of this.#sleeping.splice(0)) wake()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function setUp(t: TestContext) {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-log-"))
  t.after(() => fs.rm(folder, { recursive: true }))
  const log = openLocalLog({
    disk: systemDisk,
    folder,
    clock: systemClock,
    random: systemRandom,
    limits: { segmentBytesMax: 1000, segmentAgeMsMax: 3_600_000, queueBytesMax: 1e6, queueAgeMsMax: 5000 },
    onNote: () => {},
  })
  t.after(() => log.close())
  const writer = await log.open(name, inTheClear)
  const clock = new HeldClock()
  const told: (readonly GrownPartition[])[] = []
  const followers: FollowedPartition[] = []
  const teller = new GrowthTeller({
    clock,
    async tell(grown) {
      told.push(grown)
      // As between threads: a copy.
      for (const { extent } of structuredClone(grown)) for (const follower of followers) follower.grow(extent)
    },
  })
  const trimmed: number[] = []
  const extentAfter = async (work: Promise<void>): Promise<PartitionExtent> => {
    await work
    return structuredClone(writer.extent)
  }
  const follow = () => {
    teller.watch(name, writer)
    const follower = new FollowedLog({ disk: systemDisk, folder }).follow(name, inTheClear, {
      extent: structuredClone(writer.extent),
      extentNow: async () => structuredClone(writer.extent),
      trim: (position) => {
        trimmed.push(position)
        return extentAfter(writer.trim(position))
      },
      skipTo: (position) => extentAfter(writer.skipTo(position)),
    })
    followers.push(follower)
    return follower
  }
  let count = 0
  const append = async (times: number) => {
    for (let done = 0; done < times; done++) await writer.append(batch(`record ${count++} ${"x".repeat(100)}`))
  }
  return { writer, clock, told, teller, trimmed, follow, append }
}

test("however it grows, what follows a partition has its extent and its records, and is told the last segments only", async (t) => {
  const { append, clock, follow, told, writer } = await setUp(t)
  await append(30)
  const follower = follow()
  for (const times of [1, 5, 40, 1]) {
    await append(times)
    assert.equal(clock.sleepCount, 1, "one wait, however often it grew")
    await clock.wakeAll()
    assert.deepEqual(follower.extent, writer.extent)
  }
  assert.equal(told.length, 4)
  assert.equal(told.at(-1)?.[0]?.extent.segments.length, 1)
  const followed = await read(writer, 0)
  assert.equal(followed.records.length, 77)
  const records: string[] = []
  for await (const { frames, damage } of follower.read(asPosition(0), follower.end)) {
    assert.deepEqual(damage, [])
    records.push(...frames.map(({ data }) => Buffer.from(data).toString()))
  }
  assert.deepEqual(records, followed.records)
})

test("a writer is asked to trim only when that may free something", async (t) => {
  const { append, clock, follow, trimmed, writer } = await setUp(t)
  const follower = follow()
  await append(20)
  await clock.wakeAll()
  const second = writer.extent.segments[1]?.base
  assert(second !== undefined)
  await follower.trim(asPosition(second - 1))
  assert.deepEqual(trimmed, [])
  await follower.trim(second)
  assert.deepEqual(trimmed, [second])
  assert.equal(follower.start, second)
  assert.deepEqual(follower.extent, writer.extent)
})

test("positions that are skipped are skipped for both, and what waits is woken", async (t) => {
  const { append, clock, follow, writer } = await setUp(t)
  await append(3)
  const follower = follow()
  const beyond = follower.waitBeyond(asPosition(3), new AbortController().signal)
  await follower.skipTo(asPosition(10))
  await beyond
  await append(1)
  await clock.wakeAll()
  assert.equal(follower.end, asPosition(11))
  assert.deepEqual(follower.extent, writer.extent)
})

test("nothing is told of what does not grow, or is not watched any more", async (t) => {
  const { append, clock, follow, teller, told } = await setUp(t)
  follow()
  teller.tellNow()
  await append(1)
  teller.forget(name.streamUid)
  await append(1)
  await clock.wakeAll()
  assert.deepEqual(told, [])
})
