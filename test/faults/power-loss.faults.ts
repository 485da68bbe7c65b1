/**
 * The real process on a disk that loses power (test/forgetful-disk/) at any moment while it starts, takes records, delivers or
 * stops: what was not synced may be gone, in whole or in part. HYDRANT_TEST_POWER_LOSSES=300 does it more often,
 * HYDRANT_TEST_SEED=N draws the same moments and the same fates again (the process itself runs as it likes).
 */
import assert from "node:assert/strict"
import { randomInt } from "node:crypto"
import { readdir } from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { StartDeliveryStreamEncryptionCommand } from "@aws-sdk/client-firehose"
import { createSimulatedRandom, type SimulatedRandom } from "../../src/platform/simulated/index.ts"
import { buildForgetful, ForgetfulDisk } from "../forgetful-disk/index.ts"
import { objectsIn } from "../support/bucket-folder.ts"
import { convertedFlags, convertedStream } from "../support/converted-stream.ts"
import { recordsOf } from "../support/delivered-records.ts"
import { createStream, describe, firehoseClient, flush } from "../support/firehose.ts"
import { filesThatHold, ledgerRecord } from "../support/in-the-clear.ts"
import { Ledger } from "../support/ledger.ts"
import { Load } from "../support/load.ts"
import { type ServerProcess, Stage } from "../support/running-server.ts"
import { sortedStream, sortingFlags } from "../support/sorted-stream.ts"
import { until } from "../support/until.ts"

const lossCount = Number(process.env["HYDRANT_TEST_POWER_LOSSES"] ?? 20)
const seed = Number(process.env["HYDRANT_TEST_SEED"] ?? randomInt(2 ** 31))
/** After so many losses all is delivered and held against the ledger: a failure is then not far from its cause. */
const lossesPerCheck = 5

/** After how long power is lost, counted from the start of a server, from when it is ready, or from when it was told to stop. */
const momentMsMax = { starting: 700, running: 1200, stopping: 60 }

const streams = ["plain", "zipped", "sealed", "sorted", "converted"]
const program = buildForgetful()

test(`When power is lost at any time, every acknowledged record is delivered once (seed ${seed})`, {
  skip: program.kind === "missing" ? program.why : false,
}, async (t) => {
  const world = await World.make(t)
  await world.begin()
  for (let loss = 1; loss <= lossCount; loss++) {
    await world.liveOnce()
    if (loss % lossesPerCheck === 0 || loss === lossCount) await world.check()
  }
  const { unsynced, lost, torn } = world.totals
  t.diagnostic(`${world.ledger.acknowledgedCount} records were acknowledged, in ${lossCount} lives`)
  t.diagnostic(`${unsynced} changes of the disk were not synced when power was lost: ${lost} were lost, ${torn} torn`)
  assert(lost > 0, "nothing was lost in all these losses of power: this proves nothing")
})

class World {
  readonly ledger = new Ledger()
  readonly totals = { unsynced: 0, lost: 0, torn: 0 }
  readonly #random: SimulatedRandom = createSimulatedRandom(seed)
  readonly #stage: Stage
  readonly #disk: ForgetfulDisk

  static async make(t: TestContext): Promise<World> {
    const disk = await ForgetfulDisk.make(t, program)
    return new World(await Stage.open(t), disk)
  }

  private constructor(stage: Stage, disk: ForgetfulDisk) {
    this.#stage = stage
    this.#disk = disk
  }

  /** Makes the streams; power is lost right after the last one was answered. */
  async begin(): Promise<void> {
    await this.#mount()
    const server = await this.#stage.start(this.#serverOptions())
    const client = firehoseClient(server.apiUrl)
    const BufferingHints = { SizeInMBs: 1, IntervalInSeconds: 1 }
    await createStream(client, "plain", { BufferingHints })
    await createStream(client, "zipped", { BufferingHints, CompressionFormat: "GZIP" })
    await createStream(client, "sealed", { BufferingHints })
    await createStream(client, "sorted", sortedStream)
    await createStream(client, "converted", convertedStream)
    await client.send(new StartDeliveryStreamEncryptionCommand({ DeliveryStreamName: "sealed" }))
    await until(async () => {
      const { DeliveryStreamEncryptionConfiguration: encryption } = await describe(client, "sealed")
      return encryption?.Status === "ENABLED"
    })
    client.destroy()
    await this.#losePower(server.process)
  }

  /** A life of the disk, in which a server runs, or two one after the other. */
  async liveOnce(): Promise<void> {
    const random = this.#random
    await this.#mount()
    if (random.chance(0.3)) {
      // What a killed server wrote is there to be read, and is no more durable for that.
      const { process, load } = await this.#underLoad()
      await sleep(random.fraction() * momentMsMax.running)
      await process.end("SIGKILL")
      await load.ended
    }
    if (random.chance(0.2)) {
      const process = await this.#stage.spawn(this.#serverOptions())
      await sleep(random.fraction() * momentMsMax.starting)
      return this.#losePower(process)
    }
    const { process, load } = await this.#underLoad()
    await sleep(random.fraction() ** 2 * momentMsMax.running)
    if (random.chance(0.2)) {
      process.signal("SIGTERM")
      await sleep(random.fraction() * momentMsMax.stopping)
    }
    await this.#losePower(process)
    await load.ended
  }

  /** Has all delivered, loses power, and holds what is left of the objects against the ledger. */
  async check(): Promise<void> {
    await this.#mount()
    const server = await this.#stage.start(this.#serverOptions())
    await flush(server.adminUrl, streams).catch((error) => {
      throw new Error(`Not all is delivered: ${error}\n${server.process.output.slice(-5000)}`)
    })
    await this.#losePower(server.process)
    const contents = streams.map(
      async (name) => [name, await recordsOf(await objectsIn(this.#dataFolder, name))] as const,
    )
    this.ledger.assertDelivered(new Map(await Promise.all(contents)))
  }

  async #underLoad(): Promise<{ readonly process: ServerProcess; readonly load: Load }> {
    const { apiUrl, process } = await this.#stage.start(this.#serverOptions())
    return { process, load: new Load(apiUrl, this.ledger, streams) }
  }

  #serverOptions() {
    const ingestProcesses = this.#random.choice([0, 0, 1, 2])
    const dataFolder = path.join(this.#disk.mountPoint, "data")
    const limits = ["--segment-bytes", "1048576", "--shutdown-seconds", "2"]
    return {
      flags: [
        "--data-folder",
        dataFolder,
        ...limits,
        ...sortingFlags,
        ...convertedFlags,
        "--ingest-processes",
        `${ingestProcesses}`,
      ],
    }
  }

  async #mount(): Promise<void> {
    await this.#disk.mount(this.#random.integer(2 ** 31))
  }

  /** Of the server only a part may notice: the process goes with the power, or a moment later. */
  async #losePower(process: ServerProcess): Promise<void> {
    const losing = this.#disk.losePower()
    if (this.#random.chance(0.5)) {
      await losing
      await sleep(this.#random.fraction() * 100)
    }
    const [loss, { output }] = await Promise.all([losing, process.end("SIGKILL")])
    this.#disk.unmount()
    this.totals.unsynced += loss.unsyncedCount
    this.totals.lost += loss.lostCount
    this.totals.torn += loss.tornCount
    assert.doesNotMatch(output, /"level":"fatal"/)
    await this.#assertSealed()
  }

  /** The log of the encrypted stream holds no record in the clear. */
  async #assertSealed(): Promise<void> {
    const folder = path.join(this.#dataFolder, "log")
    const names = await readdir(folder).catch(() => [])
    for (const name of names.filter((one) => one.startsWith("sealed-"))) {
      assert.deepEqual(await filesThatHold(path.join(folder, name), ledgerRecord), [], "records in the clear")
    }
  }

  get #dataFolder(): string {
    return path.join(this.#disk.durableFolder, "data")
  }
}
