/** `hydrant redrive` as a process of its own: killed in the middle, and the session of its page. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { createSimulatedRandom } from "../src/platform/simulated/index.ts"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { createStream, firehoseClient, flush } from "./support/firehose.ts"
import { startHere } from "./support/server-here.ts"

const root = path.join(import.meta.dirname, "..", "..")
const launcher = path.join(root, "bin", "hydrant")
const recordsPerBatch = 500

async function setUp(t: TestContext, stream: string) {
  const folder = await mkdtemp(path.join(tmpdir(), "hydrant-redrive-"))
  const dataFolder = path.join(folder, "hydrant-data")
  const outcome = await startHere(dataFolder)
  assert(outcome.kind === "started")
  const { server } = outcome
  t.after(async () => {
    await server.close()
    await rm(folder, { recursive: true })
  })
  const client = firehoseClient(server.apiUrl)
  await createStream(client, stream)
  client.destroy()
  const env = {
    PATH: `${folder}:${process.env["PATH"]}`,
    HOME: folder,
    AWS_ENDPOINT_URL_FIREHOSE: server.apiUrl,
    HYDRANT_ADMIN_URL: server.adminUrl,
  }
  return { folder, dataFolder, server, env }
}

test("Killed at any moment, a run that is repeated puts every record, and at most one batch twice for each kill", async (t) => {
  const { folder, dataFolder, server, env } = await setUp(t, "orders")
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

test("The session of docs/redrive.md works when it is pasted", async (t) => {
  const { folder, env } = await setUp(t, "earthquakes")
  await symlink(launcher, path.join(folder, "hydrant"))
  const page = await readFile(path.join(root, "docs", "redrive.md"), "utf8")
  const [, session = ""] = /```bash\n([\s\S]*?)```/.exec(page) ?? []
  const child = spawn("bash", ["-e", "-c", session], { cwd: folder, env })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text))
  const [status] = await once(child, "close")
  assert.equal(status, 0, output)
  assert.match(output, /^Would put 2 records \(18 bytes\) of 1 object into earthquakes$/m)
  assert.match(output, /^Put 2 records \(18 bytes\) of 1 object into earthquakes: 1 request, /m)
  assert.match(output, /^Put 0 records [\s\S]*^2 records had been put before$/m)
  assert.match(output, /s3:\/\/\S+ {2}2 records, 18 bytes$/m)
})
