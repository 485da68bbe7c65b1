/** What a server can do by itself, all at once: each part is proven elsewhere, and here that they don't undo each other. */
import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { Agent } from "node:https"
import path from "node:path"
import { test } from "node:test"
import { StartDeliveryStreamEncryptionCommand } from "@aws-sdk/client-firehose"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { createStream, describe, firehoseClient, flush } from "./support/firehose.ts"
import { filesThatHold, ledgerRecord } from "./support/in-the-clear.ts"
import { Ledger } from "./support/ledger.ts"
import { Load } from "./support/load.ts"
import { type ServerProcess, Stage } from "./support/running-server.ts"
import { until } from "./support/until.ts"

const streams = ["orders", "clicks"]
/** Fewer than the producers would put, so that some are refused. */
const requestsPerSecond = 40
const killCount = 2

/** The ingest processes that began to take puts, the last one last. */
function ingestProcessIds({ output }: ServerProcess): number[] {
  return [...output.matchAll(/"ingestPid":(\d+)/g)].map(([, pid]) => Number(pid))
}

test("Encrypted, over TLS, within quotas, while ingest processes and then the server are killed under load, every acknowledged record is delivered once, and none lies in the clear", async (t) => {
  const stage = await Stage.open(t)
  const quotas = ["--quota-requests-per-second", `${requestsPerSecond}`]
  const flags = ["--tls", "self-signed", "--ingest-processes", "2", "--segment-bytes", "1048576", ...quotas]
  const server = await stage.start({ flags })
  const ca = await readFile(path.join(stage.dataFolder, "tls", "certificate.pem"))
  const trusting = { requestHandler: { httpsAgent: new Agent({ ca, keepAlive: true }) } }
  const client = firehoseClient(server.apiUrl, trusting)
  for (const name of streams) {
    await createStream(client, name, { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 } })
    await client.send(new StartDeliveryStreamEncryptionCommand({ DeliveryStreamName: name }))
    await until(async () => {
      const { DeliveryStreamEncryptionConfiguration: encryption } = await describe(client, name)
      return encryption?.Status === "ENABLED"
    })
  }
  client.destroy()

  const ledger = new Ledger()
  const load = new Load(server.apiUrl, ledger, streams, { client: trusting, reconnects: true })
  for (let killed = 1; killed <= killCount; killed++) {
    await load.stored(30)
    const started = ingestProcessIds(server.process)
    process.kill(started.at(-1) ?? assert.fail(), "SIGKILL")
    await until(() => ingestProcessIds(server.process).length > started.length)
  }
  await load.refused(5)
  await load.stored(30)
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text()
  assert.match(metrics, /hydrant_throttled_records_total\{delivery_stream="orders"\} [1-9]/)
  const stopping = load.stop()
  await server.process.end("SIGKILL")
  await stopping
  const buckets = path.join(stage.dataFolder, "buckets")
  assert.deepEqual(await filesThatHold(stage.dataFolder, ledgerRecord, buckets), [])

  const again = await stage.start({ flags })
  await flush(again.adminUrl, streams)
  const { status, output } = await again.process.end("SIGTERM")
  assert.equal(status, 0, output)
  assert.deepEqual(await filesThatHold(stage.dataFolder, ledgerRecord, buckets), [])
  const contents = streams.map(async (name) => [name, contentsOf(await objectsIn(stage.dataFolder, name))] as const)
  ledger.assertDelivered(new Map(await Promise.all(contents)))
  t.diagnostic(`${ledger.acknowledgedCount} records were acknowledged`)
})
