import assert from "node:assert/strict"
import { test } from "node:test"
import { asPosition } from "../log/index.ts"
import { createSimulatedRandom, Life, SimulatedDisk } from "../platform/simulated/index.ts"
import { CheckpointKeeper, loadCheckpoint } from "./checkpoint.ts"

const file = "/delivery/0.checkpoint"

test("A checkpoint that was loaded outlasts a loss of power, also when the life before did not get to sync its name", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const disk = new SimulatedDisk({ random: createSimulatedRandom(seed) })
    const begun = { next: asPosition(0), decided: [], taken: {} }
    const keeper = new CheckpointKeeper(disk.mount(new Life()), file, begun)
    await keeper.save()
    keeper.skipTo(asPosition(7))
    disk.failNext("syncFolder")
    await assert.rejects(keeper.save(), /EIO/)
    disk.crash("process")
    const { next } = await loadCheckpoint(disk.mount(new Life()), file, asPosition(0))
    assert.equal(next, 7)
    disk.crash("power")
    assert.deepEqual((await loadCheckpoint(disk.mount(new Life()), file, asPosition(0))).next, next)
  }
})
