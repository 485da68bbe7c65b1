/** `hydrant redrive` as a process of its own, killed in the middle. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { createSimulatedRandom } from "../src/platform/simulated/index.ts"
import { besideServer, launcher } from "./support/beside-server.ts"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { flush } from "./support/firehose.ts"

const recordsPerBatch = 500

test("Killed at any moment, a run that is repeated puts every record, and at most one batch twice for each kill", async (t) => {
  const { folder, dataFolder, server, env } = await besideServer(t, "orders")
  const errors = path.join(folder, "errors", "processing-failed")
  await mkdir(errors, { recursive: true })
  const expected: string[] = []
  for (let object = 0; object < 20; object++) {
    const texts = Array.from({ length: 1_300 }, (_, line) => `object ${object} line ${line}\n`)
    expected.push(...texts)
    const lines = texts.map((text) => JSON.stringify({ rawData: Buffer.from(text).toString("base64") }))
    await writeFile(path.join(errors, `${object}`.padStart(2, "0")), `${lines.join("\n")}\n`)
  }

  const notesBytes = async () => {
    const states = path.join(folder, ".local", "state", "hydrant", "redrive")
    const [stream = ""] = await readdir(states).catch(() => [])
    return (await readFile(path.join(states, stream, "put.jsonl")).catch(() => "")).length
  }
  const random = createSimulatedRandom(28)
  let killCount = 0
  for (let run = 0; ; run++) {
    const before = await notesBytes()
    const child = spawn(process.execPath, [launcher, "redrive", "orders", "errors"], {
      cwd: folder,
      env,
      stdio: "ignore",
    })
    const ended = once(child, "close")
    // Once it has put something, and then at a moment that nobody chose.
    while (child.exitCode === null && (run === 6 || (await notesBytes()) <= before)) await new Promise(setImmediate)
    await sleep(random.fraction() * 20)
    child.kill("SIGKILL")
    const [status] = await ended
    if (status === 0) break
    assert.equal(status, null, "no run failed by itself")
    killCount += 1
  }
  assert.ok(killCount >= 3, `${killCount} kills`)

  await flush(server.adminUrl, ["orders"])
  const delivered = contentsOf(await objectsIn(dataFolder, "orders")).flatMap(({ content }) =>
    content.toString().split(/(?<=\n)/),
  )
  assert.deepEqual(new Set(delivered), new Set(expected))
  assert.ok(delivered.length - expected.length <= killCount * recordsPerBatch, `${delivered.length} records`)
  t.diagnostic(`${killCount} kills, ${delivered.length - expected.length} of ${expected.length} records put twice`)
})
