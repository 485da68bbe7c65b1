import assert from "node:assert/strict"
import { test } from "node:test"
import { inTheClear, type LogPartition, openLocalLog } from "../../src/log/index.ts"
import {
  type CrashKind,
  createSimulatedRandom,
  Life,
  SimulatedClock,
  SimulatedDisk,
} from "../../src/platform/simulated/index.ts"
import { LogLedger } from "./log-ledger.ts"

/** So small that the workload rolls segments, and that several puts make one write. */
const limits = { segmentBytesMax: 1200, segmentAgeMsMax: 60_000, queueBytesMax: 100_000, queueAgeMsMax: 5000 }

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

/** Opens the log as a new life does, and uses it in every way. Always the same. */
async function work(disk: SimulatedDisk, life: Life, ledger: LogLedger): Promise<void> {
  const partition = await openPartition(disk, life)
  await ledger.resume(partition)
  await ledger.check(partition)
  let next = ledger.trimmedTo
  for (const sizesBytes of [[20], [700, 30, 10], [10, 20], [1500], [40], [600], [5], [900, 9]]) {
    const others = [ledger.append(partition, [300, 200]), ledger.append(partition, [15])]
    await Promise.all([ledger.append(partition, sizesBytes), ...others])
    next = await ledger.readSome(partition, next, 2)
    next = await ledger.readSome(partition, next, 3)
    await ledger.trim(partition, next)
  }
}

/** Runs the workload until it ends by itself or by a crash. */
async function live(disk: SimulatedDisk, ledger: LogLedger): Promise<Life> {
  const life = new Life()
  await Promise.race([work(disk, life, ledger), life.ended])
  return life
}

async function countOperations(): Promise<number> {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(0) })
  await live(disk, new LogLedger())
  return disk.operationCount
}

for (const kind of ["power", "process"] satisfies CrashKind[]) {
  for (const moment of ["before", "after"] as const) {
    test(`The log keeps what it acknowledged when the ${kind} fails ${moment} any of its disk operations`, async () => {
      const operationCount = await countOperations()
      assert(operationCount > 30, "the workload does too little")
      for (let number = 1; number <= operationCount; number++) {
        for (const seed of [1, 2]) {
          const disk = new SimulatedDisk({ random: createSimulatedRandom(1000 * number + seed) })
          const ledger = new LogLedger()
          disk.crashAt(moment, number, kind)
          assert((await live(disk, ledger)).over, `the crash at ${number} did not come`)
          const step = `${kind} ${moment} operation ${number}, seed ${seed}`
          // The second life, its own crash, and the life after that.
          await named(step, async () => {
            disk.crashAt(number % 2 === 0 ? "before" : "after", disk.operationCount + 1 + (number % 13), "power")
            await live(disk, ledger)
            await live(disk, ledger)
            assert(ledger.acknowledgedCount > 0)
          })
        }
      }
    })
  }
}

/** Says in which of many cases something failed. */
async function named(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}
