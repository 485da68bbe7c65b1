/**
 * `npm run bench [-- NAME...]`: measures Hydrant beside something that shows what the machine can do, and prints tables.
 * Nothing is asserted: figures depend on the machine, and ratios are the ones to compare.
 */
import { mkdir, mkdtemp, open, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { parseArgs } from "node:util"
import { tableLines } from "../src/cli/table.ts"
import { append } from "./append.ts"
import type { Bench } from "./bench.ts"
import { conversion } from "./conversion.ts"
import { delivery } from "./delivery.ts"
import { encoding } from "./encoding.ts"
import { encryption } from "./encryption.ts"
import { hangingFunction } from "./hanging-function.ts"
import { keepsUp } from "./keeps-up.ts"
import { lambda } from "./lambda.ts"
import { manyStreams } from "./many-streams.ts"
import { memory } from "./memory.ts"
import { partitions } from "./partitions.ts"
import { peers } from "./peers.ts"
import { processing } from "./processing.ts"
import { processors } from "./processors.ts"
import { putRecord, putRecordBatch } from "./put.ts"
import { scaling } from "./scaling.ts"
import { ServerProcesses } from "./server-processes.ts"
import { startUp } from "./start-up.ts"
import { median } from "./statistics.ts"

// The launcher checks the version of Node; the SDK's own advice would stand between the tables.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ||= "true"

const benches: readonly Bench[] = [
  append,
  putRecord,
  putRecordBatch,
  scaling,
  encryption,
  delivery,
  keepsUp,
  encoding,
  lambda,
  startUp,
  memory,
  manyStreams,
  processing,
  hangingFunction,
  partitions,
  processors,
  conversion,
  peers,
]

const usage = `Usage: npm run bench [-- [options] NAME...]

Measures Hydrant beside plain programs that do less. Without names, all of:
${benches.map(({ name, about }) => `  ${name.padEnd(18)}${about}`).join("\n")}

Options:
  --quick           seconds instead of minutes: to see that it works
  --folder FOLDER   where to write, to measure another disk (default: the system's temporary folder)
  --profile FOLDER  have each Hydrant write a CPU profile there (its figures are lower then)
  --help            this text`

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    folder: { type: "string", default: os.tmpdir() },
    profile: { type: "string" },
    help: { type: "boolean", default: false },
  },
})
const parentFolder = path.resolve(flags.folder)
const unknown = names.find((name) => benches.every((bench) => bench.name !== name))

if (flags.help) {
  console.log(usage)
} else if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}"\n\n${usage}`)
  process.exitCode = 2
} else {
  console.log(await describeMachine(parentFolder))
  const interruption = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interruption.abort())
  for (const bench of benches) {
    if ((names.length === 0 || names.includes(bench.name)) && !interruption.signal.aborted) {
      await run(bench, interruption.signal)
    }
  }
}

/** Runs a bench in a folder of its own. On `interrupted` its servers are ended, and so it is. */
async function run(bench: Bench, interrupted: AbortSignal) {
  const root = await mkdtemp(path.join(parentFolder, "hydrant-bench-"))
  const folder = path.join(root, bench.name)
  await mkdir(folder)
  const profileFolder = flags.profile === undefined ? undefined : path.resolve(flags.profile)
  const processes = new ServerProcesses({ workingFolder: folder, profileFolder })
  interrupted.addEventListener("abort", () => void processes.close(), { once: true })
  try {
    const progress = (text: string) => console.error(`  ${bench.name}: ${text}`)
    for (const { title, columns, rows } of await bench.run({ quick: flags.quick, folder, processes, progress })) {
      console.log(`\n${[title, ...tableLines(columns, rows, Number.POSITIVE_INFINITY)].join("\n")}`)
    }
  } catch (error) {
    // Without its servers a bench fails, in whichever way.
    if (!interrupted.aborted) throw error
    process.exitCode = 130
  } finally {
    await processes.close()
    await rm(root, { recursive: true, force: true })
  }
}

/** What figures depend on most: the cores, the version of Node, and how long the disk takes for a sync. */
async function describeMachine(folder: string): Promise<string> {
  const syncMs = await measureSyncMs(folder)
  return `${os.availableParallelism()} cores, Node ${process.version}, ${syncMs.toFixed(2)} ms for a sync of 4 KiB in ${folder}`
}

async function measureSyncMs(folder: string): Promise<number> {
  const root = await mkdtemp(path.join(folder, "hydrant-bench-"))
  const file = await open(path.join(root, "synced"), "w")
  try {
    const page = Buffer.alloc(4096)
    const durationsMs: number[] = []
    for (let count = 0; count < 100; count++) {
      const startMs = performance.now()
      await file.write(page, 0, page.length, count * page.length)
      await file.datasync()
      durationsMs.push(performance.now() - startMs)
    }
    return median(durationsMs)
  } finally {
    await file.close()
    await rm(root, { recursive: true, force: true })
  }
}
