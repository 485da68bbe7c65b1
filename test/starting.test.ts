/** What keeps the real process from starting: it says so in a sentence, tells what to do, and damages nothing. */
import assert from "node:assert/strict"
import { readdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { createStream, describe, firehoseClient, flush, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { type ServerOptions, Stage } from "./support/running-server.ts"

test("A port that is in use is told, with the flag that chooses another one", async (t) => {
  const stage = await Stage.open(t)
  const { apiUrl, adminUrl, process } = await stage.start()
  const apiPort = new URL(apiUrl).port
  const adminPort = new URL(adminUrl).port
  const data = ["--data-folder", "other"]
  await Promise.all([
    refused(
      stage,
      [...data, "--listen-port", apiPort],
      /port \d+ for the API: another program listens there.*--listen-port/s,
    ),
    refused(
      stage,
      ["--data-folder", "another", "--admin-listen-port", adminPort],
      /port \d+ for the admin side: another program listens there.*--admin-listen-port/s,
    ),
  ])
  await process.end("SIGTERM")
  const free = await stage.start({ flags: [...data, "--listen-port", apiPort] })
  assert.equal(new URL(free.apiUrl).port, apiPort)
})

test("A second server on the same data folder is refused, and the first one goes on", async (t) => {
  const stage = await Stage.open(t)
  const first = await stage.start()
  const client = firehoseClient(first.apiUrl)
  const ledger = new Ledger()
  await createStream(client, "orders")
  const put = async () => {
    const attempt = ledger.attempt("orders", [10, 20])
    ledger.acknowledge(attempt, await putAttempt(client, attempt))
  }
  await put()
  await refused(stage, [], /another server uses the data folder "data".*--data-folder/s)
  // By another name, too.
  await refused(stage, ["--data-folder", stage.dataFolder], /another server uses the data folder/)
  await put()
  await flush(first.adminUrl, ["orders"])
  client.destroy()
  ledger.assertDelivered(new Map([["orders", contentsOf(await objectsIn(stage.dataFolder, "orders"))]]))
})

test("A data folder that cannot be made is told", async (t) => {
  const stage = await Stage.open(t)
  await writeFile(path.join(stage.folder, "file"), "not a folder")
  await refused(
    stage,
    ["--data-folder", "file/data"],
    /the data folder: a file stands where a folder is needed at ".*file\/data".*--data-folder/s,
  )
  assert.deepEqual(await readdir(stage.folder), ["file"])
})

test("Listening where others can reach it, without credentials, is refused with what to set", async (t) => {
  const stage = await Stage.open(t)
  await refused(
    stage,
    ["--listen-address", "0.0.0.0"],
    /listen-address "0\.0\.0\.0" without credentials.*set credentials to/s,
  )
})

const declaration = (prefix: string) => `
streams:
  - DeliveryStreamName: declared
    ExtendedS3DestinationConfiguration:
      RoleARN: arn:aws:iam::000000000000:role/delivery
      BucketARN: arn:aws:s3:::declared
      Prefix: ${prefix}
    Tags: [{ Key: team, Value: data }]
`

test("Streams that hydrant.yaml declares are made, updated when they differ, and else left alone", async (t) => {
  const stage = await Stage.open(t)
  const seen: [version: string | undefined, prefix: string | undefined][] = []
  const look = async (settingsFile: string) => {
    const { apiUrl, adminUrl, process } = await stage.start({ settingsFile })
    const client = firehoseClient(apiUrl)
    const { VersionId, Destinations: [destination] = [] } = await describe(client, "declared")
    seen.push([VersionId, destination?.ExtendedS3DestinationDescription?.Prefix])
    const attempt = new Ledger().attempt("declared", [10])
    await putAttempt(client, attempt)
    await flush(adminUrl, ["declared"])
    client.destroy()
    assert.equal((await process.end("SIGTERM")).status, 0)
  }
  await look(declaration("first/"))
  await look(declaration("first/"))
  await look(declaration("second/"))
  assert.deepEqual(seen, [
    ["1", "first/"],
    ["1", "first/"],
    ["2", "second/"],
  ])
  const keys = (await objectsIn(stage.dataFolder, "declared")).map(({ key }) =>
    key.replace(/\d{4}\/.*declared-(\d).*/, "$1"),
  )
  assert.deepEqual(keys, ["first/1", "first/1", "second/2"])
})

test("A declaration that is wrong is told, and keeps the server from starting", async (t) => {
  const stage = await Stage.open(t)
  const settingsFile = `${declaration("x/")}${declaration('"!{"').replace("streams:", "").replace("declared\n", "wrong\n")}`
  await refused(stage, [], /declared streams.*entry 2.*Invalid expression usage/s, { settingsFile })
  const { apiUrl } = await stage.start()
  await assert.rejects(describe(firehoseClient(apiUrl), "declared"), { name: "ResourceNotFoundException" })
})

test("A damaged definition keeps the server from starting until it is restored; nothing is lost by it", async (t) => {
  const { stage, ledger } = await stageWithRecords(t)
  const restore = await damage(stage, "catalog", "damaged-")
  await refused(
    stage,
    [],
    /Cannot read the definition of a delivery stream from ".*damaged-.*damaged: its checksum.*Restore the file/s,
  )
  await restore()
  await assertAllDelivered(stage, ledger, ["damaged", "sound"])
})

test("A damaged checkpoint stops its own stream alone until it is restored; nothing is lost or repeated by it", async (t) => {
  const { stage, ledger } = await stageWithRecords(t)
  const restore = await damage(stage, "delivery", "damaged-")
  const server = await stage.start()
  const client = firehoseClient(server.apiUrl)
  await assert.rejects(putAttempt(client, ledger.attempt("damaged", [10])), { name: "ServiceUnavailableException" })
  const attempt = ledger.attempt("sound", [10])
  ledger.acknowledge(attempt, await putAttempt(client, attempt))
  await flush(server.adminUrl, ["sound"])
  client.destroy()
  const { status, output } = await server.process.end("SIGTERM")
  assert.equal(status, 0)
  assert.match(output, /"level":"error".*damaged.*0\.checkpoint/)
  await restore()
  await assertAllDelivered(stage, ledger, ["damaged", "sound"])
})

test("Of a damaged file of the log all is delivered but the damaged put, which is told and counted", async (t) => {
  const { stage, ledger } = await stageWithRecords(t)
  await damage(stage, "log", "damaged-")
  const server = await stage.start()
  await flush(server.adminUrl, ["damaged", "sound"])
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text()
  assert.match(metrics, /^hydrant_\S*damaged_records\S*\{[^}]*"damaged"[^}]*\} 3$/im)
  const { output } = await server.process.end("SIGTERM")
  assert.match(output, /Records that were stored cannot be read; the rest is delivered/)
  const objects = contentsOf(await objectsIn(stage.dataFolder, "damaged"))
  assert.throws(
    () =>
      ledger.assertDelivered(
        new Map([
          ["damaged", objects],
          ["sound", contentsOf([])],
        ]),
      ),
    /3 of the 3 records of attempt \d+ of damaged are lost/,
  )
})

/** A stopped server's folder, with two streams of which each holds delivered and undelivered records. */
async function stageWithRecords(t: TestContext): Promise<{ stage: Stage; ledger: Ledger }> {
  const stage = await Stage.open(t)
  const ledger = new Ledger()
  const server = await stage.start()
  const client = firehoseClient(server.apiUrl)
  for (const stream of ["damaged", "sound"]) {
    await createStream(client, stream)
    for (let time = 0; time < 7; time++) {
      const attempt = ledger.attempt(stream, [1000, 2000, 3000])
      ledger.acknowledge(attempt, await putAttempt(client, attempt))
      if (time === 2) await flush(server.adminUrl, [stream])
    }
  }
  client.destroy()
  assert.equal((await server.process.end("SIGTERM")).status, 0)
  return { stage, ledger }
}

/** Flips a bit near the end of the one file of a stream in a folder of the data folder. Answers what undoes it. */
async function damage(stage: Stage, folder: string, streamPrefix: string): Promise<() => Promise<void>> {
  const root = path.join(stage.dataFolder, folder)
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const [file, ...others] = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((one) => path.relative(root, one).startsWith(streamPrefix))
  assert(file !== undefined && others.length === 0, "a stream of this size has one file there")
  const content = await readFile(file)
  const damaged = Buffer.from(content)
  const offset = Math.floor(content.length * 0.75)
  damaged.writeUInt8(content.readUInt8(offset) ^ 0b100, offset)
  await writeFile(file, damaged)
  return () => writeFile(file, content)
}

async function assertAllDelivered(stage: Stage, ledger: Ledger, streams: readonly string[]) {
  const server = await stage.start()
  await flush(server.adminUrl, streams)
  assert.equal((await server.process.end("SIGTERM")).status, 0)
  const contents = streams.map(async (name) => [name, contentsOf(await objectsIn(stage.dataFolder, name))] as const)
  ledger.assertDelivered(new Map(await Promise.all(contents)))
}

/** Asserts that a server does not start, and says why in a few lines that match. */
async function refused(stage: Stage, flags: readonly string[], message: RegExp, options: ServerOptions = {}) {
  const server = await stage.spawn({ ...options, flags })
  await assert.rejects(server.ready(), "it started")
  const { status, output } = await server.ended
  assert.equal(status, 1, output)
  assert.match(output, message)
  assert.doesNotMatch(output, /\n\s+at /, "a sentence, not a stack")
}
