/**
 * The real process, under load, on a machine whose system calls fail or take long (test/support/system-call-faults.ts).
 * Whatever fails: what is not stored is refused, what was acknowledged is delivered once, the log says what fails, and
 * once the fault is over everything goes on without a restart. Then it is killed in the middle of the same fault.
 */
import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { objectsIn } from "../support/bucket-folder.ts"
import { convertedFlags, convertedStream } from "../support/converted-stream.ts"
import { recordsOf } from "../support/delivered-records.ts"
import { createStream, firehoseClient, flush } from "../support/firehose.ts"
import { Ledger } from "../support/ledger.ts"
import { Load } from "../support/load.ts"
import { type RunningServer, Stage } from "../support/running-server.ts"
import { sortedStream, sortingFlags } from "../support/sorted-stream.ts"
import { type Injection, SystemCallFaults, whyNoInjection } from "../support/system-call-faults.ts"
import { until } from "../support/until.ts"

interface Fault {
  readonly title: string
  readonly injections: readonly Injection[]
  /** What happens to puts while it lasts. */
  readonly puts: "refused" | "stored"
  /** Calls that meet it before the test goes on; fewer where the server makes few of them, or waits before the next. */
  readonly met: number
  /** What the log says of it. */
  readonly tells?: RegExp
}

const writes = "pwrite64,pwritev,pwritev2"
const syncs = "fdatasync,fsync"
const names = "rename,renameat,renameat2"
const reads = "pread64,preadv,preadv2"
const cannotStore = /Refused to store records; clients will retry/
const cannotSave = /Cannot save how far delivery has come; it waits until that works/

const cannotRead = /Delivery cannot go on; it will be tried again|Not delivered; will be tried again/

const faults: readonly Fault[] = [
  { title: "every write fails", injections: [`${writes}:error=EIO`], met: 30, puts: "refused", tells: cannotStore },
  {
    title: "some writes fail",
    injections: [`${writes}:error=EIO:when=2+3`],
    met: 30,
    puts: "stored",
    tells: cannotStore,
  },
  { title: "the disk is full", injections: [`${writes}:error=ENOSPC`], met: 30, puts: "refused", tells: cannotStore },
  {
    title: "the file system has become read-only",
    injections: [`${writes},${names},ftruncate,unlink,unlinkat:error=EROFS`],
    met: 30,
    puts: "refused",
    tells: cannotStore,
  },
  {
    title: "what was written in part cannot be cut off",
    injections: [`${writes}:error=EIO:when=1+2`, "ftruncate:error=EIO"],
    met: 30,
    puts: "stored",
    tells: cannotStore,
  },
  { title: "every sync fails", injections: [`${syncs}:error=EIO`], met: 30, puts: "refused", tells: cannotStore },
  {
    title: "some syncs fail",
    injections: [`${syncs}:error=EIO:when=1+2`],
    met: 30,
    puts: "stored",
    tells: cannotStore,
  },
  { title: "no folder can be synced", injections: ["fsync:error=EIO"], met: 3, puts: "refused", tells: cannotStore },
  { title: "no file can be renamed", injections: [`${names}:error=EIO`], met: 3, puts: "stored", tells: cannotSave },
  {
    title: "nothing can be removed",
    injections: ["unlink,unlinkat:error=EIO"],
    met: 3,
    puts: "refused",
    tells: cannotSave,
  },
  { title: "nothing can be read", injections: [`${reads}:error=EIO`], met: 3, puts: "stored", tells: cannotRead },
  { title: "some reads fail", injections: [`${reads}:error=EIO:when=1+2`], met: 3, puts: "stored" },
  { title: "no file can be opened", injections: ["openat:error=EIO"], met: 1, puts: "refused", tells: cannotStore },
  {
    title: "there are no file descriptors left",
    injections: ["openat,accept4:error=EMFILE"],
    met: 3,
    puts: "refused",
    tells: cannotStore,
  },
  {
    title: "the free space cannot be told",
    injections: ["statfs:error=EIO"],
    met: 1,
    puts: "refused",
    tells: /Cannot see how much of the disk of .* is free/,
  },
  { title: "every sync takes long", injections: [`${syncs}:delay_exit=100000`], met: 30, puts: "stored" },
  { title: "every write takes long", injections: [`${writes}:delay_exit=100000`], met: 30, puts: "stored" },
  {
    title: "every write hangs for seconds",
    injections: [`${writes}:delay_exit=3000000`],
    met: 1,
    puts: "refused",
    tells: cannotStore,
  },
]

const streams = ["plain", "zipped", "sorted", "converted"]
const skip = whyNoInjection() ?? false

for (const fault of faults) {
  test(
    `While ${fault.title}, puts are ${fault.puts}, and then all goes on; killed meanwhile, too`,
    { skip, timeout: 60_000 },
    (t) => suffer(t, fault),
  )
}

async function suffer(t: TestContext, { injections, met, puts, tells }: Fault): Promise<void> {
  const stage = await Stage.open(t)
  const ledger = new Ledger()
  const server = await startServer(stage)
  const client = firehoseClient(server.apiUrl)
  const BufferingHints = { SizeInMBs: 1, IntervalInSeconds: 0 }
  await createStream(client, "plain", { BufferingHints })
  await createStream(client, "zipped", { BufferingHints, CompressionFormat: "GZIP" })
  await createStream(client, "sorted", sortedStream)
  await createStream(client, "converted", convertedStream)
  client.destroy()
  const load = new Load(server.apiUrl, ledger, streams)
  await load.stored(50)

  const faults = SystemCallFaults.attach(server.process.pid, injections)
  await faults.met(met)
  await (puts === "refused" ? load.refused(5) : load.stored(5))
  if (tells !== undefined) await until(() => tells.test(server.process.output))
  await faults.lift()
  await load.stored(50)
  await flush(server.adminUrl, streams)

  const again = SystemCallFaults.attach(server.process.pid, injections)
  // Delivery may be waiting before its next attempt: of some calls more do not come for a minute.
  await again.met(1)
  await server.process.end("SIGKILL")
  await load.ended
  await again.lift()
  await assertAllDelivered(stage, ledger)
  t.diagnostic(`${ledger.acknowledgedCount} records were acknowledged`)
}

function startServer(stage: Stage): Promise<RunningServer> {
  const limits = ["--segment-bytes", "1048576", "--append-queue-seconds", "1", "--shutdown-seconds", "5"]
  return stage.start({ flags: [...limits, ...sortingFlags, ...convertedFlags] })
}

async function assertAllDelivered(stage: Stage, ledger: Ledger) {
  const server = await startServer(stage)
  await flush(server.adminUrl, streams)
  const { status, output } = await server.process.end("SIGTERM")
  assert.equal(status, 0, output)
  const contents = streams.map(
    async (name) => [name, await recordsOf(await objectsIn(stage.dataFolder, name))] as const,
  )
  ledger.assertDelivered(new Map(await Promise.all(contents)))
}
