/** The real process when its disk takes no more: puts are refused, and what was acknowledged stays. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { type FirehoseClient, ServiceUnavailableException } from "@aws-sdk/client-firehose"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { createStream, describe, firehoseClient, flush, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { Stage } from "./support/running-server.ts"

const mebibyte = 1024 * 1024

test("Below the free space that is to be kept, puts are refused and everything else goes on", async (t) => {
  const stage = await Stage.open(t)
  const first = await stage.start()
  const client = firehoseClient(first.apiUrl)
  const ledger = new Ledger()
  await createStream(client, "orders")
  assert.equal(await put(client, ledger, [10, 20]), "stored")
  client.destroy()
  await first.process.end("SIGTERM")

  const full = await stage.start({ flags: ["--disk-free-bytes-min", String(Number.MAX_SAFE_INTEGER)] })
  const refused = firehoseClient(full.apiUrl)
  for (const sizes of [[10], [10, 20]]) assert.equal(await put(refused, ledger, sizes), "refused")
  await createStream(refused, "others")
  assert.equal((await describe(refused, "orders")).DeliveryStreamStatus, "ACTIVE")
  // That delivery goes on is how space becomes free again.
  await flush(full.adminUrl, ["orders"])
  refused.destroy()
  const { output } = await full.process.end("SIGTERM")
  assert.match(output, /bytes free, and \d+ are kept.*disk-free-bytes-min/)

  const roomy = await stage.start()
  const again = firehoseClient(roomy.apiUrl)
  assert.equal(await put(again, ledger, [10]), "stored")
  await flush(roomy.adminUrl, ["orders"])
  again.destroy()
  ledger.assertDelivered(new Map([["orders", contentsOf(await objectsIn(stage.dataFolder, "orders"))]]))
})

test("When a segment can be written no further, a put is refused whole, the next goes into a new one, and nothing is lost", async (t) => {
  const stage = await Stage.open(t)
  const ledger = new Ledger()
  const small = await stage.start({ fileBytesMax: 2 * mebibyte })
  const client = firehoseClient(small.apiUrl)
  await createStream(client, "orders")
  // The write that goes over the limit is cut in the middle.
  while ((await put(client, ledger, [70_000, 0, 50_000])) === "stored");
  assert(ledger.acknowledgedCount > 20)
  assert.equal(await put(client, ledger, [70_000, 100]), "stored")
  client.destroy()
  await small.process.end("SIGKILL")

  const roomy = await stage.start()
  const again = firehoseClient(roomy.apiUrl)
  assert.equal(await put(again, ledger, [200_000, 200_000]), "stored")
  await flush(roomy.adminUrl, ["orders"])
  again.destroy()
  ledger.assertDelivered(new Map([["orders", contentsOf(await objectsIn(stage.dataFolder, "orders"))]]))
})

async function put(client: FirehoseClient, ledger: Ledger, sizes: readonly number[]): Promise<"stored" | "refused"> {
  const attempt = ledger.attempt("orders", sizes)
  try {
    ledger.acknowledge(attempt, await putAttempt(client, attempt))
    return "stored"
  } catch (error) {
    if (error instanceof ServiceUnavailableException) return "refused"
    throw error
  }
}
