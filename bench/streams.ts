import { setTimeout as sleep } from "node:timers/promises"
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type ExtendedS3DestinationConfiguration,
  FirehoseClient,
  StartDeliveryStreamEncryptionCommand,
} from "@aws-sdk/client-firehose"
import { runLoad, times } from "./load.ts"
import { batchesOf, recordBytes, recordsPerBatch } from "./records.ts"
import type { ServerProcess } from "./server-processes.ts"
import { credentials, putRecordBatchBody, region, signedRequest } from "./signed-requests.ts"

type CompressionFormat = "UNCOMPRESSED" | "GZIP"

/** A delivery stream whose records become objects of 5 MiB. Resolves when it is ACTIVE. */
export function createStream(server: ServerProcess, name: string, compression?: CompressionFormat): Promise<void> {
  return createStreams(server, [name], compression)
}

const createdAtATime = 16

/** Delivery streams whose records become objects of 5 MiB. Resolves when all are ACTIVE. */
export async function createStreams(
  { apiUrl }: Pick<ServerProcess, "apiUrl">,
  names: readonly string[],
  compression: CompressionFormat = "UNCOMPRESSED",
): Promise<void> {
  const client = new FirehoseClient({ endpoint: apiUrl, region, credentials })
  const waiting = names.values()
  const createNext = async () => {
    for (const name of waiting) await create(client, name, { CompressionFormat: compression })
  }
  try {
    await Promise.all(Array.from({ length: createdAtATime }, createNext))
  } finally {
    client.destroy()
  }
}

/** A delivery stream that is configured otherwise in part. Resolves when it is ACTIVE. */
export async function createConfigured(
  { apiUrl }: Pick<ServerProcess, "apiUrl">,
  name: string,
  configuration: Partial<ExtendedS3DestinationConfiguration>,
): Promise<void> {
  const client = new FirehoseClient({ endpoint: apiUrl, region, credentials })
  try {
    await create(client, name, configuration)
  } finally {
    client.destroy()
  }
}

async function create(
  client: FirehoseClient,
  name: string,
  configuration: Partial<ExtendedS3DestinationConfiguration>,
): Promise<void> {
  await client.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        RoleARN: "arn:aws:iam::000000000000:role/bench",
        BucketARN: "arn:aws:s3:::bench",
        BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
        Prefix: `${name}/`,
        ...configuration,
      },
    }),
  )
  for (;;) {
    const answer = await client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: name }))
    if (answer.DeliveryStreamDescription?.DeliveryStreamStatus === "ACTIVE") return
    await sleep(5)
  }
}

/** Encrypts what is put into a stream from now on. Resolves when that is so. */
export async function startEncryption({ apiUrl }: Pick<ServerProcess, "apiUrl">, name: string): Promise<void> {
  const client = new FirehoseClient({ endpoint: apiUrl, region, credentials })
  try {
    await client.send(new StartDeliveryStreamEncryptionCommand({ DeliveryStreamName: name }))
    for (;;) {
      const answer = await client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: name }))
      const encryption = answer.DeliveryStreamDescription?.DeliveryStreamEncryptionConfiguration
      if (encryption?.Status === "ENABLED") return
      if (encryption?.Status !== "ENABLING") throw new Error(`Encryption is ${JSON.stringify(encryption)}`)
      await sleep(5)
    }
  } finally {
    client.destroy()
  }
}

/** Stops the stream's delivery; what is put is kept in the log. */
export async function pauseDelivery({ adminUrl }: ServerProcess, name: string): Promise<void> {
  await post(`${adminUrl}/streams/${name}/pause`)
}

/** Starts a paused delivery again, and resolves when everything that the stream holds is delivered. */
export async function deliverAll({ adminUrl }: ServerProcess, name: string): Promise<void> {
  await post(`${adminUrl}/streams/${name}/resume`)
  await flush({ adminUrl }, name)
}

/** Resolves when everything that the stream holds is delivered. */
export async function flush({ adminUrl }: Pick<ServerProcess, "adminUrl">, name: string): Promise<void> {
  await post(`${adminUrl}/streams/${name}/flush?timeout-seconds=240`)
}

async function post(url: string) {
  const answer = await fetch(url, { method: "POST" })
  if (!answer.ok) throw new Error(`POST ${url} was answered with ${answer.status}: ${await answer.text()}`)
}

/** Records that the stream holds and has not delivered. */
export async function backlogRecords({ adminUrl }: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const labels = `{delivery_stream="${name}"}`
  const line = text.split("\n").find((one) => one.startsWith(`hydrant_backlog_records${labels} `))
  if (line === undefined) throw new Error(`There is no backlog of "${name}" in the metrics`)
  return Number(line.slice(line.lastIndexOf(" ")))
}

/** Puts full batches until their records come to `sizeBytes`, rounded up; answers the number of records. */
export async function fill(
  server: ServerProcess,
  name: string,
  records: readonly Buffer[],
  sizeBytes: number,
): Promise<number> {
  const bodies = batchesOf(records).map((batch) => putRecordBatchBody(name, batch))
  const requests = await Promise.all(bodies.map((body) => signedRequest(server.apiUrl, "PutRecordBatch", body)))
  const batchCount = Math.ceil(sizeBytes / (recordBytes * recordsPerBatch))
  await runLoad({ url: server.apiUrl, connectionCount: 16, requests, more: times(batchCount) })
  return batchCount * recordsPerBatch
}
