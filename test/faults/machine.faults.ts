/**
 * The real process under load, on a machine that goes wrong without any system call being tampered with: a small disk that
 * is really full, a process that stands still, too few file descriptors, a data folder that is removed.
 */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { contentsOf, objectsIn } from "../support/bucket-folder.ts"
import { createStream, firehoseClient, flush, putAttempt } from "../support/firehose.ts"
import { Ledger } from "../support/ledger.ts"
import { Load } from "../support/load.ts"
import { RawConnection } from "../support/raw-connection.ts"
import { type RunningServer, type ServerOptions, Stage } from "../support/running-server.ts"
import { until } from "../support/until.ts"

const timeout = 60_000
const cannotStore = /Refused to store records; clients will retry/
const skipUnlessRoot =
  process.getuid?.() === 0 && process.platform === "linux" ? false : "only root can mount a small disk"
const skipWithoutPrlimit =
  spawnSync("prlimit", ["--version"]).status === 0
    ? false
    : "prlimit is missing (on Debian: apt-get install util-linux)"

test("On a disk that others have filled puts are refused, and all goes on when it is freed", {
  timeout,
  skip: skipUnlessRoot,
}, async (t) => {
  const dataFolder = await mountSmallDisk(t)
  const flags = ["--data-folder", dataFolder, "--disk-free-bytes-min", "0"]
  const stage = await Stage.open(t)
  const filler = path.join(dataFolder, "filler")
  const { server, ledger, load } = await underLoad(stage, { flags })
  await load.stored(10)
  await fillDisk(filler)
  await load.refused(10)
  await until(() => cannotStore.test(server.process.output))
  await rm(filler)
  await load.stored(10)
  await load.stop()
  await flush(server.adminUrl, ["orders"])

  const again = new Load(server.apiUrl, ledger, ["orders"])
  await again.stored(10)
  await fillDisk(filler)
  await again.refused(10)
  await server.process.end("SIGKILL")
  await again.ended
  await rm(filler)
  await assertDeliveredAfterStart(stage, ledger, flags, dataFolder)
})

test("A process that stands still loses nothing, and answers when it goes on", { timeout }, async (t) => {
  const stage = await Stage.open(t)
  const { server, ledger, load } = await underLoad(stage)
  await load.stored(20)
  server.process.signal("SIGSTOP")
  const impatient = firehoseClient(server.apiUrl, {
    requestHandler: { requestTimeout: 500, throwOnRequestTimeout: true },
  })
  await assert.rejects(putAttempt(impatient, ledger.attempt("orders", [10])), { name: "TimeoutError" })
  impatient.destroy()
  server.process.signal("SIGCONT")
  await load.stored(20)
  server.process.signal("SIGSTOP")
  await server.process.end("SIGKILL")
  await load.ended
  await assertDeliveredAfterStart(stage, ledger)
})

test("Connections that use up the file descriptors cost no acknowledged record, and all goes on without them", {
  timeout,
  skip: skipWithoutPrlimit,
}, async (t) => {
  const stage = await Stage.open(t)
  const { server, ledger, load } = await underLoad(stage)
  await load.stored(10)
  await limitFileDescriptors(server.process.pid, 32)
  const connections = await Promise.all(Array.from({ length: 100 }, () => RawConnection.open(server.apiUrl)))
  await until(
    () => cannotStore.test(server.process.output) || /EMFILE|too many open files/i.test(server.process.output),
  )
  for (const connection of connections) connection.reset()
  await load.stored(50)
  await load.stop()
  await server.process.end("SIGKILL")
  await assertDeliveredAfterStart(stage, ledger)
})

test("When the data folder is removed under it, a server takes no more records, and says so", {
  timeout,
}, async (t) => {
  const stage = await Stage.open(t)
  const { server, load } = await underLoad(stage)
  await load.stored(10)
  await rm(stage.dataFolder, { recursive: true, force: true, maxRetries: 20 })
  await load.refused(20)
  await until(() => /Cannot see how much of the disk of .* is free/.test(server.process.output))
  await server.process.end("SIGKILL")
  await load.ended
})

async function underLoad(stage: Stage, options: ServerOptions = {}) {
  const ledger = new Ledger()
  const server = await start(stage, options)
  const client = firehoseClient(server.apiUrl)
  await createStream(client, "orders", {
    BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
    CompressionFormat: "GZIP",
  })
  client.destroy()
  return { server, ledger, load: new Load(server.apiUrl, ledger, ["orders"]) }
}

function start(stage: Stage, { flags = [], ...options }: ServerOptions = {}): Promise<RunningServer> {
  return stage.start({ ...options, flags: ["--segment-bytes", "1048576", "--shutdown-seconds", "5", ...flags] })
}

/** Has a server without troubles deliver what is left, and holds it against the ledger. */
async function assertDeliveredAfterStart(
  stage: Stage,
  ledger: Ledger,
  flags: readonly string[] = [],
  dataFolder = stage.dataFolder,
): Promise<void> {
  const server = await start(stage, { flags })
  await flush(server.adminUrl, ["orders"])
  const { status, output } = await server.process.end("SIGTERM")
  assert.equal(status, 0, output)
  ledger.assertDelivered(new Map([["orders", contentsOf(await objectsIn(dataFolder, "orders"))]]))
}

/**
 * Leaves a running process so many file descriptors beside those that it has open. Not from its start on: how many Node
 * needs then is as many modules as it happens to read at a time.
 */
async function limitFileDescriptors(pid: number, spareCount: number): Promise<void> {
  const open = await readdir(`/proc/${pid}/fd`)
  run("prlimit", "--pid", `${pid}`, `--nofile=${open.length + spareCount}`)
}

/** Mounts a disk with more room than a test needs; it goes with the test. */
async function mountSmallDisk(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "hydrant-disk-"))
  run("mount", "-t", "tmpfs", "-o", "size=128m", "hydrant-test", folder)
  t.after(async () => {
    // Lazily: a server that still uses it ends with the test too, and maybe later.
    run("umount", "--lazy", folder)
    await rm(folder, { recursive: true })
  })
  return folder
}

/** Writes a file until the disk takes no more. */
async function fillDisk(file: string): Promise<void> {
  const mebibyte = Buffer.alloc(1024 * 1024)
  await assert.rejects(
    async () => {
      for (;;) await writeFile(file, mebibyte, { flag: "a" })
    },
    { code: "ENOSPC" },
  )
}

/** Runs a program of the system to its end. */
function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" })
  assert.equal(status, 0, stderr)
}
