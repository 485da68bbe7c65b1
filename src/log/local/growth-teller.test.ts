import assert from "node:assert/strict"
import { test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { systemClock, systemDisk } from "../../platform/index.ts"
import { inTheClear } from "../log.ts"
import { FollowedLog } from "./followed-log.ts"
import { type GrownPartition, GrowthTeller } from "./growth-teller.ts"
import { LocalPartition } from "./local-partition.ts"
import { batch, TestLog } from "./testing.ts"

/** Time that passes as soon as somebody waits for it. */
const noTime = { ...systemClock, sleep: async () => turn() }
const name = { streamUid: "orders-1", partition: 0 }

test("while news is not taken nothing more is told, and then all of it at once", async (context) => {
  const log = await TestLog.make(context)
  const partition = await log.open({ limits: { segmentBytesMax: 200 } })
  assert(partition instanceof LocalPartition)
  const told: (readonly GrownPartition[])[] = []
  let take = () => {}
  const teller = new GrowthTeller({
    clock: noTime,
    tell(grown) {
      told.push(grown)
      return new Promise((resolve) => {
        take = resolve
      })
    },
  })
  teller.watch(name, partition)
  const { extent } = partition
  for (let count = 0; count < 10; count++) {
    await partition.append(batch(`record ${count}`))
    await turn()
    await turn()
  }
  assert.equal(told.length, 1)
  take()
  while (told.length < 2) await turn()

  // Those who follow it by what they were told know all segments.
  const source = { extent, extentNow: noSource, trim: noSource, skipTo: noSource }
  const followed = new FollowedLog({ disk: systemDisk, folder: log.folder }).follow(name, inTheClear, source)
  for (const grown of told) for (const one of grown) followed.grow(one.extent)
  assert.deepEqual(followed.extent, partition.extent)
  assert.ok(followed.extent.segments.length > 2)
})

async function noSource(): Promise<never> {
  throw new Error("Its writer is not asked")
}
