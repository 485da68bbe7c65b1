import assert from "node:assert/strict"
import { test } from "node:test"
import { pino } from "pino"
import { batchOf } from "../../src/log/index.ts"
import { createSimulatedRandom, Life, SimulatedClock, SimulatedDisk } from "../../src/platform/simulated/index.ts"
import { Program } from "./program.ts"
import { RecordLedger } from "./record-ledger.ts"
import { s3View } from "./s3-view.ts"
import { SimulatedFunctions } from "./simulated-functions.ts"
import { SimulatedStore } from "./simulated-store.ts"
import { SimulatedTables } from "./simulated-tables.ts"
import { Totals } from "./totals.ts"

/** A world in which nothing fails by chance. */
function calmWorld(seed: number) {
  const clock = new SimulatedClock()
  const random = createSimulatedRandom(seed)
  const disk = new SimulatedDisk({ random: random.fork(), clock })
  const store = new SimulatedStore(clock, random.fork(), () => undefined)
  const start = async () => {
    const life = new Life()
    const logger = pino({ level: "silent" })
    const functions = new SimulatedFunctions(clock, random.fork()).connect(life)
    const tables = new SimulatedTables(clock, random.fork()).connect(life)
    const lived = { disk: disk.mount(life), clock: life.clock(clock), objects: store.connect(life), functions, tables }
    return Program.start({ ...lived, random, metrics: new Totals(), logger, segmentBytesMax: 1_000_000 }, "/data")
  }
  return { clock, disk, store, start }
}

async function createStream(program: Program): Promise<void> {
  const configured = s3View.create({
    RoleARN: "arn:aws:iam::000000000000:role/firehose",
    BucketARN: "arn:aws:s3:::lake",
    Prefix: "orders/",
  })
  assert(configured.kind === "valid")
  const destination = { id: "destinationId-000000000001", kind: "s3", configuration: configured.stored }
  await program.catalog.create({ name: "orders", destination, tags: [] })
}

/** Puts one record into the stream once it is active; answers whether it was acknowledged. */
async function put(program: Program, ledger: RecordLedger, clock: SimulatedClock): Promise<boolean> {
  let stream = program.catalog.find("orders")
  for (; stream?.status.kind !== "ACTIVE"; stream = program.catalog.find("orders")) await clock.sleep(10)
  const record = ledger.next("orders", 100)
  const outcome = await program.ingest.put(stream, batchOf([record]))
  if (outcome.kind === "stored") ledger.acknowledge([record], outcome.recordIds.joined(",").split(","))
  return outcome.kind === "stored"
}

test("A record that a failed sync left to be delivered and then lost makes no later record disappear", async () => {
  let deliveredUnacknowledged = 0
  for (let seed = 1; seed <= 40; seed++) {
    const { clock, disk, store, start } = calmWorld(seed)
    const ledger = new RecordLedger()
    const run = async () => {
      const first = await start()
      await createStream(first)
      assert(await put(first, ledger, clock))
      disk.failNext("durableWrite")
      assert(!(await put(first, ledger, clock)), "what could not be synced is not acknowledged")
      disk.crash("process")

      // The file's pages may still show the record, and pass for clean: it is delivered, and the disk never gets it.
      const second = await start()
      await second.delivery.flush("orders", new AbortController().signal)
      if ([...store.objects.values()].join("").length > 100) deliveredUnacknowledged++
      disk.crash("power")

      const third = await start()
      assert(await put(third, ledger, clock))
      await third.delivery.flush("orders", new AbortController().signal)
      await third.close()
      await ledger.compare(store.objects)
    }
    await clock.run(run(), 3_600_000)
  }
  assert(deliveredUnacknowledged > 5, "the case is met with")
})
