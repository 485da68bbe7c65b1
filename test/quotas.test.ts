/** Quotas of the real process, as its settings name them. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { ListDeliveryStreamsCommand, PutRecordBatchCommand } from "@aws-sdk/client-firehose"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { createStream, firehoseClient, flush } from "./support/firehose.ts"
import { Stage } from "./support/running-server.ts"

test("With the quotas of AWS a stream takes what its region gives, delivers that, and shows the limits", async (t) => {
  const stage = await Stage.open(t)
  const flags = ["--quotas", "aws", "--region", "eu-central-1", "--quota-records-per-second", "300000"]
  const server = await stage.start({ flags })
  const client = firehoseClient(server.apiUrl, { region: "eu-central-1", maxAttempts: 10 })
  t.after(() => client.destroy())
  await createStream(client, "orders")
  // 4 MiB, of which a second's worth is 1 MiB.
  const records = Array.from({ length: 500 }, (_, index) => Buffer.alloc(8388, `${index};`))
  const { FailedPutCount = 0, RequestResponses = [] } = await client.send(
    new PutRecordBatchCommand({ DeliveryStreamName: "orders", Records: records.map((Data) => ({ Data })) }),
  )
  const stored = records.filter((_, index) => RequestResponses[index]?.RecordId !== undefined)
  assert.equal(stored.length + FailedPutCount, 500)
  assert.ok(stored.length >= 125 && FailedPutCount > 0, `${stored.length} were stored`)
  await flush(server.adminUrl, ["orders"])
  const delivered = contentsOf(await objectsIn(stage.dataFolder, "orders"))
  assert.ok(
    Buffer.concat(stored).equals(Buffer.concat(delivered.map(({ content }) => content))),
    "what was acknowledged is what is delivered",
  )

  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text()
  for (const line of [
    `hydrant_throttled_records_total{delivery_stream="orders"} ${FailedPutCount}`,
    `hydrant_incoming_records_total{delivery_stream="orders"} ${stored.length}`,
    'hydrant_bytes_per_second_limit{delivery_stream="orders"} 1048576',
    'hydrant_records_per_second_limit{delivery_stream="orders"} 300000',
    'hydrant_put_requests_per_second_limit{delivery_stream="orders"} 1000',
  ]) {
    assert.ok(metrics.includes(`${line}\n`), `${line} is in the metrics`)
  }

  const lists = await Promise.allSettled(
    Array.from({ length: 50 }, () => client.send(new ListDeliveryStreamsCommand({}))),
  )
  const refused = lists.flatMap((list) => (list.status === "rejected" ? [list.reason] : []))
  assert.ok(refused.length > 0 && refused.length < 50, `${refused.length} of 50 were refused`)
  for (const error of refused) assert.deepEqual([error.name, error.message], ["ThrottlingException", "Rate exceeded"])
})
