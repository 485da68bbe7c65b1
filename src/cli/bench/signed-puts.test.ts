import assert from "node:assert/strict"
import { test } from "node:test"
import { FirehoseClient } from "@aws-sdk/client-firehose"
import { systemRandom } from "../../platform/index.ts"
import { SignedPuts } from "./signed-puts.ts"

test("Requests are given out again and again, and signed anew before their signatures are too old", async (t) => {
  const client = new FirehoseClient({
    endpoint: "http://127.0.0.1:1/prefix",
    region: "us-east-1",
    credentials: { accessKeyId: "AKID", secretAccessKey: "SECRET" },
  })
  t.after(() => client.destroy())
  const clock = { nowMs: 0, elapsed: () => clock.nowMs }
  const shape = { operation: "put-record-batch", streamName: "s", recordBytes: 100, recordsPerRequest: 3 } as const
  const puts = new SignedPuts({ shape, client, clock, random: systemRandom })
  await puts.prepare()
  const givenMs = new Map<string, number>()
  for (let count = 0; count < 1000; count++) givenMs.set(String(await puts.next()), 0)
  const keptCount = givenMs.size
  assert.ok(keptCount >= 2 && keptCount <= 64, `${keptCount} are kept`)

  const [head = "", body = ""] = String(await puts.next()).split("\r\n\r\n")
  assert.match(head, /^POST \/prefix\/? HTTP\/1\.1\r\n/)
  assert.match(head, /^x-amz-target: Firehose_20150804\.PutRecordBatch$/im)
  assert.match(head, /^authorization: AWS4-HMAC-SHA256 Credential=AKID\/\d+\/us-east-1\/firehose\/aws4_request, /im)
  assert.match(head, new RegExp(`^content-length: ${body.length}$`, "im"))
  const { DeliveryStreamName, Records } = JSON.parse(body)
  const sizes = Records.map(({ Data }: { Data: string }) => Buffer.from(Data, "base64").length)
  assert.deepEqual([DeliveryStreamName, ...sizes], ["s", 100, 100, 100])

  // Five minutes are what a server allows: every request that is given out was signed within less.
  for (clock.nowMs = 1000; clock.nowMs < 600_000; clock.nowMs += 1000) {
    const text = String(await puts.next())
    const signedMs = givenMs.get(text) ?? clock.nowMs
    givenMs.set(text, signedMs)
    assert.ok(clock.nowMs - signedMs < 240_000, `at ${clock.nowMs} ms one was given out that was signed at ${signedMs}`)
  }
  assert.ok(givenMs.size >= 3 * keptCount && givenMs.size <= 6 * keptCount, `${givenMs.size} were signed in all`)
})
