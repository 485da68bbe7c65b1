import { inTheClear, type LogPartition, openLocalLog } from "../../src/log/index.ts"
import {
  createSimulatedRandom,
  type Life,
  SimulatedClock,
  type SimulatedDisk,
} from "../../src/platform/simulated/index.ts"
import { LogLedger } from "./log-ledger.ts"
import type { Workload } from "./recovery-crashes.ts"

/** So small that the workload rolls segments, and that several puts make one write. */
const limits = { segmentBytesMax: 1200, segmentAgeMsMax: 60_000, queueBytesMax: 100_000, queueAgeMsMax: 5000 }

/** A log that is appended to, read and trimmed. */
export const logWorkload: Workload<LogLedger> = {
  newLedger: () => new LogLedger(),
  promisedCount: (ledger) => ledger.acknowledgedCount,
  async work(disk, life, ledger, onRecovered) {
    const partition = await openPartition(disk, life)
    await ledger.resume(partition)
    await ledger.check(partition)
    let next = ledger.trimmedTo
    for (const sizesBytes of [[20], [700, 30, 10], [10, 20], [1500], [40], [600], [5], [900, 9]]) {
      const others = [ledger.append(partition, [300, 200]), ledger.append(partition, [15])]
      await Promise.all([ledger.append(partition, sizesBytes), ...others])
      onRecovered()
      next = await ledger.readSome(partition, next, 2)
      next = await ledger.readSome(partition, next, 3)
      await ledger.trim(partition, next)
    }
  },
}

function openPartition(disk: SimulatedDisk, life: Life): Promise<LogPartition> {
  const log = openLocalLog({
    disk: disk.mount(life),
    folder: "/data/log",
    clock: life.clock(new SimulatedClock()),
    random: createSimulatedRandom(1),
    limits,
    onNote: () => undefined,
  })
  return log.open({ streamUid: "orders-1", partition: 0 }, inTheClear)
}
