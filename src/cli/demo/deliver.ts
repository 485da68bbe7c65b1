import type { CreateDeliveryStreamCommandInput, FirehoseClient } from "@aws-sdk/client-firehose"
import { type DeliveredObject, readFlushAnswer } from "../admin-answers.ts"
import { askAdmin } from "../admin-client.ts"
import { callFailure, connect } from "../connect.ts"
import { CommandError, Interrupted } from "../failure.ts"
import { formatBytes, formatCounted, formatSeconds } from "../quantities.ts"
import { batchLimits, type LineRecord, putBatch, Sender } from "../records/index.ts"
import { Progress, type Terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"
import { readEarthquakes } from "./earthquakes.ts"
import type { DemoServer } from "./server.ts"
import { step } from "./step.ts"
import { makeStream } from "./streams.ts"

/** Makes the stream unless it is there, puts all earthquakes into it, and has it deliver them. Answers the objects. */
export async function deliverEarthquakes(
  world: CliWorld,
  out: Terminal,
  server: DemoServer,
  stream: CreateDeliveryStreamCommandInput & { readonly DeliveryStreamName: string },
): Promise<readonly DeliveredObject[]> {
  const { DeliveryStreamName: name } = stream
  const client = await connect(server.apiUrl, world.env)
  try {
    const isNew = await makeStream(world, client, stream).catch((error: unknown) => {
      throw callFailure(error, `make the delivery stream "${name}"`, server.apiUrl)
    })
    step(out, isNew ? `Made the delivery stream ${name}` : `The delivery stream ${name} is there already`)

    const startMs = world.clock.elapsed()
    const { recordCount, sizeBytes } = await putEarthquakes(world, client, name).catch((error: unknown) => {
      throw callFailure(error, `put records into "${name}"`, server.apiUrl)
    })
    const seconds = formatSeconds((world.clock.elapsed() - startMs) / 1000)
    step(out, `Put ${formatCounted(recordCount, "earthquake")} (${formatBytes(sizeBytes)}) in ${seconds}`)
  } finally {
    client.destroy()
  }
  const flush = { method: "POST", path: `/streams/${name}/flush` } as const
  const { body } = await askAdmin(server.adminUrl, flush, world.interrupted, [504])
  const { complete, delivered } = readFlushAnswer(body)
  if (complete) return delivered
  throw new CommandError(
    "The records were not delivered within a minute",
    "They are kept and delivery goes on; the lines above, or the server's log, say what holds it up",
  )
}

async function putEarthquakes(world: CliWorld, client: FirehoseClient, streamName: string) {
  const progress = new Progress(world.stderr, () => world.clock.elapsed())
  const earthquakes = await readEarthquakes()
  let recordCount = 0
  let sizeBytes = 0
  const send = async (batch: readonly LineRecord[]) => {
    const { refused, refusalCode } = await putBatch({ ...world, client, streamName }, batch)
    if (refused.length > 0)
      throw new Error(`the server refuses ${formatCounted(refused.length, "record")}: ${refusalCode}`)
    recordCount += batch.length
    sizeBytes += batch.reduce((sum, { data }) => sum + data.byteLength, 0)
    progress.show(() => `Putting earthquakes: ${formatCounted(recordCount, "record")}`)
  }
  const sender = new Sender(send, { ...batchLimits, inFlightMax: 4 })
  for (const [index, line] of earthquakes.entries()) {
    if (world.interrupted.aborted) throw new Interrupted()
    await sender.add({ lineNumber: index + 1, data: Buffer.from(line) })
  }
  await sender.finish()
  progress.clear()
  return { recordCount, sizeBytes }
}
