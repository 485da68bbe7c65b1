/** Where the process begins and ends: the only file that touches `process`. bin/hydrant imports it. */
import { readFileSync } from "node:fs"
import path from "node:path"
import { systemClock, systemRandom } from "../platform/index.ts"
import { run } from "./program.ts"

/** The first signal asks for a graceful end, the second one gets an end at once. */
const interruption = new AbortController()
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(128 + number)
    interruption.abort()
  })
}

// Whoever reads our output may have seen enough, as `head` does: that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0)
  throw error
})

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"))

const status = await run(process.argv.slice(2), String(version), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  workingFolder: process.cwd(),
  programName: programName(process.argv[1] ?? "hydrant"),
  clock: systemClock,
  random: systemRandom,
  interrupted: interruption.signal,
})
// Not before what was printed is out: where a pipe takes its time, exit would cut it off.
process.stdout.write("", () => process.exit(status))

/** How to type this program's name here: its path when it lies below the working folder, as in a fresh clone. */
function programName(script: string): string {
  const relative = path.relative(process.cwd(), script)
  return relative.startsWith("..") || relative.includes("node_modules") ? "hydrant" : relative
}
