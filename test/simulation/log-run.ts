import assert from "node:assert/strict"
import {
  type FrameKey,
  type FrameKeys,
  type Log,
  type LogPartition,
  openLocalLog,
  type SealingState,
} from "../../src/log/index.ts"
import { errorCode } from "../../src/platform/index.ts"
import {
  createSimulatedRandom,
  Life,
  SimulatedClock,
  SimulatedDisk,
  type SimulatedRandom,
} from "../../src/platform/simulated/index.ts"
import { hostileFaults } from "./hostile-faults.ts"
import { LogLedger } from "./log-ledger.ts"
import type { Run } from "./scenario.ts"
import { Trace } from "./trace.ts"

const recordsPerPutMax = 4
const segmentFile = /\.segment$/

/** Keys that change now and then, and are missing now and then. */
class ChangingKeys implements FrameKeys {
  readonly #random: SimulatedRandom
  readonly #keys: readonly FrameKey[]
  sealing: SealingState = { kind: "clear" }

  constructor(random: SimulatedRandom) {
    this.#random = random
    this.#keys = [random.bytes(32), random.bytes(32)].map((secret) => ({
      id: secret.toString("hex", 0, 16),
      secret,
    }))
  }

  change(): void {
    const key = this.#random.choice(this.#keys)
    const states: SealingState[] = [
      { kind: "clear" },
      { kind: "sealed", key },
      { kind: "unavailable", reason: "It is away" },
    ]
    this.sealing = this.#random.choice(states)
  }

  /** Takes nothing away any more. */
  settle(): void {
    this.sealing = { kind: "sealed", key: this.#random.choice(this.#keys) }
  }

  async find(id: string): Promise<FrameKey> {
    const key = this.#keys.find((one) => one.id === id)
    assert(key !== undefined, `Nothing was sealed with a key "${id}"`)
    return key
  }
}

/**
 * A log in the hands of producers and a reader, over some lives that end by a crash or a stop, on a disk that may fail,
 * fill up or change bits, sealed with keys that change. At the end the faults are over, and the log must hold what it acknowledged.
 */
export async function runLog(seed: number, onEvent: (event: string) => void = () => undefined): Promise<Run> {
  const world = new LogWorld(seed, onEvent)
  const lives = 2 + world.random.integer(4)
  for (let count = 0; count < lives; count++) await world.liveOnce()
  await world.finish()
  return { traceHash: world.trace.hash, facts: { lives, acknowledged: world.ledger.acknowledgedCount } }
}

class LogWorld {
  readonly trace: Trace
  readonly ledger = new LogLedger()
  readonly random: SimulatedRandom
  readonly #clock = new SimulatedClock()
  readonly #disk: SimulatedDisk
  readonly #limits: { segmentBytesMax: number; segmentAgeMsMax: number; queueBytesMax: number; queueAgeMsMax: number }
  readonly #flipsBits: boolean
  readonly #keys: ChangingKeys

  constructor(seed: number, onEvent: (event: string) => void) {
    this.trace = new Trace(onEvent)
    this.random = createSimulatedRandom(seed)
    this.#disk = new SimulatedDisk({
      random: this.random.fork(),
      clock: this.#clock,
      observe: ({ kind, path }) => this.trace.add(this.#clock.elapsed(), `${kind} ${path}`),
    })
    this.#limits = {
      segmentBytesMax: this.random.choice([200, 1000, 10_000]),
      segmentAgeMsMax: this.random.choice([50, 60_000]),
      queueBytesMax: this.random.choice([1000, 100_000]),
      queueAgeMsMax: this.random.choice([20, 5000]),
    }
    this.#flipsBits = this.random.chance(1 / 8)
    this.#keys = new ChangingKeys(this.random.fork())
  }

  /** One life under whatever faults chance brings, and its end. */
  async liveOnce(): Promise<void> {
    const { random } = this
    this.#disk.setFaults(hostileFaults(random))
    const usedBytes = this.#disk.files.reduce((sum, file) => sum + file.sizeBytes, 0)
    this.#disk.capacityBytes = random.chance(0.25) ? usedBytes + random.integer(4000) : 2 ** 40
    const life = new Life()
    const stop = new AbortController()
    const using = this.#use(life, stop.signal)
    const ended = this.#clock.sleep(random.fraction() * random.choice([20, 200, 2000])).then(async () => {
      if (random.chance(0.3)) {
        stop.abort()
        await using
      } else {
        const kind = random.choice(["power", "process"] as const)
        this.trace.add(this.#clock.elapsed(), `${kind} fails`)
        this.#disk.crash(kind)
      }
    })
    await this.#clock.run(Promise.all([ended, Promise.race([using, life.ended])]), 600_000)
    life.end()
    if (random.chance(0.2)) this.#clock.jumpWallClock((random.fraction() - 0.5) * 3_600_000)
    if (this.#flipsBits) this.#flipBit()
  }

  /** A last life without faults. */
  async finish(): Promise<void> {
    this.#disk.setFaults({})
    this.#keys.settle()
    this.#disk.capacityBytes = 2 ** 40
    const life = new Life()
    const check = async () => {
      const log = this.#openLog(life)
      const partition = await log.open({ streamUid: "orders-1", partition: 0 }, this.#keys)
      await this.ledger.resume(partition)
      await this.ledger.check(partition)
      assert(await this.ledger.append(partition, [10, 20]), "A log without faults must take records")
      await this.ledger.check(partition)
      await log.close()
    }
    await this.#clock.run(check(), 600_000)
  }

  async #use(life: Life, stop: AbortSignal): Promise<void> {
    const log = this.#openLog(life)
    const partition = await this.#open(log)
    if (partition === undefined) return
    const producers = Array.from({ length: 1 + this.random.integer(3) }, () => this.#produce(life, partition, stop))
    await Promise.all([...producers, this.#consume(life, partition, stop)])
    await log.close()
  }

  /** Undefined when the disk fails while the log is opened: then the process ends, and is started again. */
  async #open(log: Log): Promise<LogPartition | undefined> {
    try {
      const partition = await log.open({ streamUid: "orders-1", partition: 0 }, this.#keys)
      await this.ledger.resume(partition)
      return partition
    } catch (error) {
      if (errorCode(error) === undefined) throw error
      return undefined
    }
  }

  async #produce(life: Life, partition: LogPartition, stop: AbortSignal): Promise<void> {
    const { random } = this
    while (!stop.aborted) {
      const recordCount = 1 + random.integer(recordsPerPutMax)
      if (random.chance(0.05)) this.#keys.change()
      const sizesBytes = Array.from({ length: recordCount }, () => 8 + random.integer(random.choice([10, 300])))
      await this.ledger.append(partition, sizesBytes)
      await life.clock(this.#clock).sleep(random.fraction() * random.choice([0, 1, 50]), stop)
    }
  }

  async #consume(life: Life, partition: LogPartition, stop: AbortSignal): Promise<void> {
    const { random } = this
    const clock = life.clock(this.#clock)
    let next = this.ledger.trimmedTo
    while (!stop.aborted) {
      try {
        next = await this.ledger.readSome(partition, next, 1 + random.integer(40))
        if (random.chance(0.3)) await this.ledger.trim(partition, next)
        if (next === partition.end) await partition.waitBeyond(next, stop)
      } catch (error) {
        if (errorCode(error) === undefined) throw error
        await clock.sleep(random.fraction() * 20, stop)
      }
      await clock.sleep(random.fraction() * random.choice([0, 5, 50]), stop)
    }
  }

  #flipBit(): void {
    const files = this.#disk.files.filter((file) => segmentFile.test(file.path) && file.sizeBytes > 0)
    if (files.length === 0) return
    const { path, sizeBytes } = this.random.choice(files)
    const offset = this.random.integer(sizeBytes)
    // What is not durable yet can't rot.
    if (!this.#disk.flipBit(path, offset, this.random.integer(8))) return
    this.ledger.bitFlipped(recordsPerPutMax)
  }

  #openLog(life: Life): Log {
    return openLocalLog({
      disk: this.#disk.mount(life),
      folder: "/data/log",
      clock: life.clock(this.#clock),
      random: this.random,
      limits: this.#limits,
      onNote: (_, note) => this.trace.add(this.#clock.elapsed(), note),
    })
  }
}
