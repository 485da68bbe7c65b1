import assert from "node:assert/strict"
import { batchOf } from "../../src/log/index.ts"
import { createFolderStore, type ObjectStore } from "../../src/objects/index.ts"
import type { Logger } from "../../src/observe/index.ts"
import { type Disk, readFileIfThere } from "../../src/platform/index.ts"
import {
  createSimulatedRandom,
  Life,
  SimulatedClock,
  SimulatedDisk,
  type SimulatedRandom,
} from "../../src/platform/simulated/index.ts"
import type { JsonObject } from "../../src/shapes/index.ts"
import { disabling, enabling, isChanging, type StreamDefinition } from "../../src/streams/index.ts"
import { convertedConfiguration, withoutConversion } from "./converted-configuration.ts"
import { hostileFaults } from "./hostile-faults.ts"
import { isDiskFailure } from "./is-disk-failure.ts"
import { processedConfiguration, withoutProcessing } from "./processed-configuration.ts"
import { Program } from "./program.ts"
import { RecordLedger } from "./record-ledger.ts"
import { s3View } from "./s3-view.ts"
import type { Run } from "./scenario.ts"
import { SimulatedFunctions } from "./simulated-functions.ts"
import { SimulatedStore } from "./simulated-store.ts"
import { SimulatedTables } from "./simulated-tables.ts"
import { Totals } from "./totals.ts"
import { Trace } from "./trace.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Of all lives together less than the retention time: nothing may expire. */
const clockJumpMsMax = 4 * hourMs
const recordsPerPutMax = 5
const segmentFile = /\.segment$/
const dataFolder = "/data"
const objectFolder = "/objects"

/**
 * The whole program with producers, an operator who updates, pauses and deletes streams, and a store, over some lives
 * that end by a crash or a stop, under failures of disk and store. Then the failures end, everything must drain, and the
 * store must hold every acknowledged record once.
 */
export async function runProgram(seed: number, onEvent: (event: string) => void = () => undefined): Promise<Run> {
  const world = new World(seed, onEvent)
  const lives = 2 + world.random.integer(3)
  for (let count = 0; count < lives; count++) await world.liveOnce()
  await world.drain()
  return world.outcome()
}

class World {
  readonly random: SimulatedRandom
  readonly #trace: Trace
  readonly #clock = new SimulatedClock()
  readonly #disk: SimulatedDisk
  readonly #store: SimulatedStore
  readonly #functions: SimulatedFunctions
  readonly #tables: SimulatedTables
  /** Objects in a folder of the simulated disk, in place of the simulated store. */
  readonly #objectsInFolder: boolean
  readonly #segmentBytesMax: number
  readonly #flipsBits: boolean
  readonly #ledger = new RecordLedger()
  readonly #totals = new Totals()
  #flippedCount = 0
  #flipsJournals = false
  #sealedCount = 0
  /** A stream whose deletion was asked for gives its name to one that counts on. */
  #generation = 0
  #streamNames = ["orders", "clicks", "audit"]

  constructor(seed: number, onEvent: (event: string) => void) {
    this.#trace = new Trace(onEvent)
    this.random = createSimulatedRandom(seed)
    this.#disk = new SimulatedDisk({
      random: this.random.fork(),
      clock: this.#clock,
      observe: ({ kind, path }) => this.#note(`${kind} ${path}`),
    })
    this.#store = new SimulatedStore(this.#clock, this.random.fork(), (event) => this.#note(event))
    this.#functions = new SimulatedFunctions(this.#clock, this.random.fork())
    this.#tables = new SimulatedTables(this.#clock, this.random.fork())
    this.#objectsInFolder = this.random.chance(0.25)
    this.#segmentBytesMax = this.random.choice([1000, 20_000, 1_000_000])
    this.#flipsBits = this.random.chance(1 / 8)
  }

  outcome(): Run {
    return {
      traceHash: this.#trace.hash,
      facts: {
        acknowledged: this.#ledger.acknowledgedCount,
        objects: this.#totals.of("DeliveryToS3.ObjectCount"),
        failedRecords: this.#totals.of("Hydrant.FailedRecords"),
        converted: this.#totals.of("SucceedConversion.Records"),
        backedUp: this.#totals.of("BackupToS3.Records"),
        sealed: this.#sealedCount,
        flippedBits: this.#flippedCount,
        retries: this.#totals.of("Hydrant.DeliveryRetries"),
        virtualMinutes: Math.round(this.#clock.elapsed() / minuteMs),
      },
    }
  }

  /** One life under whatever failures chance brings, and its end. */
  async liveOnce(): Promise<void> {
    const { random } = this
    this.#disk.setFaults(random.chance(0.5) ? {} : hostileFaults(random))
    const usedBytes = this.#disk.files.reduce((sum, file) => sum + file.sizeBytes, 0)
    this.#disk.capacityBytes = random.chance(0.1) ? usedBytes + random.integer(20_000) : 2 ** 40
    this.#store.outageChance = random.choice([0, 0.2, 0.5, 0.9])
    this.#functions.outageChance = random.choice([0, 0.1, 0.5])
    this.#tables.outageChance = random.choice([0, 0.1, 0.5])
    const life = new Life()
    const stop = new AbortController()
    const living = this.#live(life, stop.signal)
    const ended = this.#clock
      .sleep(random.fraction() * random.choice([1000, minuteMs, 20 * minuteMs]))
      .then(async () => {
        if (random.chance(0.3)) {
          stop.abort()
          await living
        } else this.#disk.crash(random.choice(["power", "process"]))
      })
    await this.#clock.run(Promise.all([ended, Promise.race([living, life.ended])]), 24 * hourMs)
    life.end()
    if (random.chance(0.1)) {
      this.#clock.jumpWallClock((random.fraction() - 0.5) * 2 * random.choice([hourMs / 2, clockJumpMsMax]))
    }
    if (this.#flipsBits) this.#flipBit()
  }

  /** A last life without failures: all that was acknowledged must get to where it belongs. */
  async drain(): Promise<void> {
    this.#disk.setFaults({})
    this.#disk.capacityBytes = 2 ** 40
    this.#store.outageChance = 0
    this.#functions.outageChance = 0
    this.#tables.outageChance = 0
    const life = new Life()
    const draining = async () => {
      const program = await this.#start(life)
      for (const { name, status } of program.catalog.list()) {
        assert.equal(status.kind, "ACTIVE", `"${name}" after a start without failures`)
        await program.catalog.change(name, (stream) => ({ ...stream, deliveryEnabled: true }))
        await program.delivery.flush(name, new AbortController().signal)
        assert.equal(this.#totals.current("Hydrant.BacklogRecords", name), 0, `Backlog of "${name}" after a flush`)
      }
      await program.close()
      // What hung in the network arrives.
      await this.#clock.sleep(hourMs)
      const objects = this.#objectsInFolder ? await objectsIn(this.#disk.mount(life)) : this.#store.objects
      const countedMax = this.#flipsJournals ? this.#totals.of("Hydrant.DamagedRecords") : 0
      await this.#ledger.compare(objects, { dropped: this.#functions.dropped, countedMax })
      assert.equal(this.#totals.of("Hydrant.ExpiredRecords"), 0)
    }
    await this.#clock.run(draining(), 24 * hourMs)
  }

  /** Changes a bit of a stored log file. */
  #flipBit(): void {
    const files = this.#disk.files.filter((file) => segmentFile.test(file.path) && file.sizeBytes > 0)
    if (files.length === 0) return
    const { path, sizeBytes } = this.random.choice(files)
    // What is not durable yet can't rot.
    if (!this.#disk.flipBit(path, this.random.integer(sizeBytes), this.random.integer(8))) return
    this.#note(`a bit of ${path} is flipped`)
    this.#flippedCount++
    // What is lost with what a journal says may be more than a put; then it is counted.
    if (path.includes("/spool/")) this.#flipsJournals = true
    this.#ledger.bitFlipped(recordsPerPutMax)
  }

  async #live(life: Life, stop: AbortSignal): Promise<void> {
    const program = await this.#startIfPossible(life)
    if (program === undefined) return
    const work = this.#streamNames.map((_, index) => this.#produce(life, program, index, stop))
    await Promise.all([...work, this.#operate(life, program, stop)])
    // Whatever a stop could not finish, the next start has to make up for, as after a crash.
    await unlessDiskFails(program.close())
  }

  /** Undefined when the disk fails during the start: the process ends, and is started again. */
  async #startIfPossible(life: Life): Promise<Program | undefined> {
    try {
      return await this.#start(life)
    } catch (error) {
      if (isDiskFailure(error)) return undefined
      throw error
    }
  }

  async #start(life: Life): Promise<Program> {
    const disk = this.#disk.mount(life)
    const random = this.random.fork()
    const objects: ObjectStore = this.#objectsInFolder
      ? await createFolderStore({ disk, folder: objectFolder, random })
      : this.#store.connect(life)
    const clock = life.clock(this.#clock)
    const segmentBytesMax = this.#segmentBytesMax
    const functions = this.#functions.connect(life)
    const tables = this.#tables.connect(life)
    const world = {
      disk,
      clock,
      random,
      objects,
      functions,
      tables,
      metrics: this.#totals,
      logger: this.#logger(),
      segmentBytesMax,
    }
    return Program.start(world, dataFolder)
  }

  /** Puts records into one of the streams, and makes it when it is not there. */
  async #produce(life: Life, program: Program, index: number, stop: AbortSignal): Promise<void> {
    const { random } = this
    const clock = life.clock(this.#clock)
    while (!stop.aborted) {
      const name = this.#streamNames[index] ?? ""
      const stream = program.catalog.find(name)
      if (stream === undefined) await this.#create(program, name)
      else if (stream.status.kind === "ACTIVE") await this.#put(program, stream)
      await clock.sleep(random.fraction() * random.choice([10, 1000, minuteMs]), stop)
    }
  }

  async #put(program: Program, stream: StreamDefinition): Promise<void> {
    const { random } = this
    const records = Array.from({ length: 1 + random.integer(recordsPerPutMax) }, () =>
      this.#ledger.next(
        stream.name,
        random.choice([40, 300, random.chance(0.02) ? 400_000 : 100]),
        !random.chance(0.05),
      ),
    )
    const outcome = await program.ingest.put(stream, batchOf(records))
    if (outcome.kind === "stored" && outcome.sealed) this.#sealedCount += records.length
    this.#note(`put of ${records.length} to ${stream.name}: ${outcome.kind}`)
    if (outcome.kind === "stored") this.#ledger.acknowledge(records, outcome.recordIds.joined(",").split(","))
  }

  async #create(program: Program, name: string): Promise<void> {
    const { random } = this
    const configured = s3View.create({
      RoleARN: "arn:aws:iam::000000000000:role/firehose",
      BucketARN: "arn:aws:s3:::lake",
      Prefix: `${name}/`,
      BufferingHints: { IntervalInSeconds: random.choice([0, 10, 60]), SizeInMBs: 1 },
    })
    assert(configured.kind === "valid")
    const processed = random.chance(0.5) ? processedConfiguration(configured.stored, name, random) : configured.stored
    const configuration = random.chance(0.4) ? convertedConfiguration(processed, name, random) : processed
    const destination = { id: "destinationId-000000000001", kind: "s3", configuration }
    await unlessDiskFails(program.catalog.create({ name, destination, tags: [] }))
  }

  /** Updates, pauses, resumes, flushes, encrypts and deletes streams now and then. */
  async #operate(life: Life, program: Program, stop: AbortSignal): Promise<void> {
    const { random } = this
    const clock = life.clock(this.#clock)
    for (;;) {
      await clock.sleep(random.fraction() * 2 * minuteMs, stop)
      if (stop.aborted) return
      const name = random.choice(this.#streamNames)
      const action = random.choice([
        "update",
        "update",
        "pause",
        "resume",
        "flush",
        "encrypt",
        "decrypt",
        "delete",
      ] as const)
      this.#note(`${action} ${name}`)
      switch (action) {
        case "update":
          await unlessDiskFails(this.#update(program, name))
          break
        case "pause":
        case "resume":
          await unlessDiskFails(
            program.catalog.change(name, (stream) => ({ ...stream, deliveryEnabled: action === "resume" })),
          )
          break
        case "flush":
          await program.delivery.flush(name, stop)
          break
        case "encrypt":
        case "decrypt":
          await unlessDiskFails(this.#changeEncryption(program, name, action))
          break
        case "delete":
          if (random.chance(0.2)) await unlessDiskFails(this.#delete(program, name))
          break
      }
    }
  }

  async #update(program: Program, name: string): Promise<void> {
    await program.catalog.change(name, (stream) => {
      const version = stream.version + 1
      const configuration = this.#updated(stream.destination.configuration, `${name}/version-${version}/`)
      return { ...stream, version, destination: { ...stream.destination, configuration } }
    })
  }

  /** Another prefix; and processing and conversion are turned on or off now and then, where they may be. */
  #updated(configuration: JsonObject, start: string): JsonObject {
    const { random } = this
    const { DynamicPartitioningConfiguration: partitioning, ...others } = configuration
    if (random.chance(0.1)) return convertedConfiguration(configuration, start, random)
    if (random.chance(0.1)) return withoutConversion(configuration)
    if (partitioning !== undefined) return { ...configuration, Prefix: `${start}!{partitionKeyFromLambda:color}/` }
    const updated = { ...others, Prefix: start }
    if (random.chance(0.7)) return updated
    return random.chance(0.5) ? withoutProcessing(updated) : processedConfiguration(updated, start, random, false)
  }

  async #changeEncryption(program: Program, name: string, action: "encrypt" | "decrypt"): Promise<void> {
    const nowMs = this.#clock.now()
    await program.catalog.change(name, (stream) => {
      const { encryption } = stream
      if (stream.status.kind !== "ACTIVE" || isChanging(encryption)) return stream
      const changed =
        action === "encrypt" ? enabling(encryption, { type: "AWS_OWNED_CMK" }, nowMs) : disabling(encryption, nowMs)
      return { ...stream, encryption: changed }
    })
  }

  async #delete(program: Program, name: string): Promise<void> {
    const stream = program.catalog.find(name)
    if (stream?.status.kind !== "ACTIVE") return
    this.#ledger.drop(name)
    this.#streamNames = this.#streamNames.map((one) => (one === name ? `${name}-${++this.#generation}` : one))
    await program.catalog.change(name, (current) => ({ ...current, status: { kind: "DELETING" } }))
  }

  #note(event: string): void {
    this.#trace.add(this.#clock.elapsed(), event)
  }

  /** What the program says belongs to the run. What it calls fatal is a broken rule of its own. */
  #logger(): Logger {
    const log = (...entry: readonly unknown[]) => this.#note(String(entry.at(-1)))
    const logger: Logger = {
      debug: log,
      info: log,
      warn: log,
      error: log,
      fatal: (...entry: readonly unknown[]) => {
        throw new Error(`The program says: ${String(entry.at(-1))}`, { cause: entry[0] })
      },
      child: () => logger,
    }
    return logger
  }
}

/** Who is told of a failure goes on. */
async function unlessDiskFails(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isDiskFailure(error)) throw error
  })
}

/** The objects in the folder store, by bucket and key. */
async function objectsIn(disk: Disk): Promise<Map<string, string>> {
  const objects = new Map<string, string>()
  const walk = async (folder: string): Promise<void> => {
    for (const name of await disk.list(folder)) {
      if (name === ".incoming~") continue
      const inside = await disk.list(`${folder}/${name}`).then(
        () => true,
        () => false,
      )
      if (inside) await walk(`${folder}/${name}`)
      else
        objects.set(`${folder}/${name}`, (await readFileIfThere(disk, `${folder}/${name}`))?.toString("latin1") ?? "")
    }
  }
  await walk(objectFolder)
  return objects
}
