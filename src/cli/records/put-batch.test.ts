import assert from "node:assert/strict"
import { createServer } from "node:http"
import { type TestContext, test } from "node:test"
import { FirehoseClient } from "@aws-sdk/client-firehose"
import type { LineRecord } from "./line-splitter.ts"
import { putBatch } from "./put-batch.ts"

/** A server that speaks as much of PutRecordBatch as is needed, and refuses what `refuses` says, for each put in turn. */
async function serve(context: TestContext, refuses: readonly ((text: string) => boolean)[]) {
  const puts: string[][] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const texts: string[] = body.Records.map(({ Data }: { Data: string }) => Buffer.from(Data, "base64").toString())
    const refuse = refuses[Math.min(puts.length, refuses.length - 1)] ?? (() => false)
    puts.push(texts)
    response.setHeader("Content-Type", "application/x-amz-json-1.1")
    response.end(
      JSON.stringify({
        FailedPutCount: texts.filter(refuse).length,
        RequestResponses: texts.map((text) =>
          refuse(text) ? { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." } : { RecordId: text },
        ),
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  assert.ok(typeof address === "object" && address !== null)
  const client = new FirehoseClient({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  })
  context.after(() => {
    client.destroy()
    server.close()
  })
  const pausesMs: number[] = []
  const clock = { sleep: async (durationMs: number) => void pausesMs.push(durationMs) }
  return { puts, pausesMs, options: { client, streamName: "s", clock, random: { fraction: () => 1 } } }
}

const batch: LineRecord[] = ["a", "b", "c"].map((text, index) => ({ lineNumber: index + 1, data: Buffer.from(text) }))

test("A batch that is taken is put once", async (context) => {
  const { puts, options } = await serve(context, [() => false])
  assert.deepEqual(await putBatch(options, batch), { requestCount: 1, refused: [], refusalCode: "" })
  assert.deepEqual(puts, [["a", "b", "c"]])
})

test("Only what was refused is put again, after growing pauses", async (context) => {
  const { puts, pausesMs, options } = await serve(context, [
    (text) => text !== "b",
    (text) => text === "c",
    () => false,
  ])
  assert.equal((await putBatch(options, batch)).requestCount, 3)
  assert.deepEqual(puts, [["a", "b", "c"], ["a", "c"], ["c"]])
  assert.deepEqual(pausesMs, [100, 200])
})

test("What is always refused is given up, and told with the reason", async (context) => {
  const { puts, options } = await serve(context, [(text) => text === "b"])
  const outcome = await putBatch(options, batch)
  assert.deepEqual(outcome.refused, [batch[1]])
  assert.equal(outcome.refusalCode, "ServiceUnavailableException")
  assert.equal(puts.length, 8)
})
