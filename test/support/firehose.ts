/** Clients of a running server: the unmodified AWS SDK for the API, fetch for the admin side. */
import assert from "node:assert/strict"
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type ExtendedS3DestinationConfiguration,
  FirehoseClient,
  type FirehoseClientConfig,
  PutRecordBatchCommand,
  PutRecordCommand,
} from "@aws-sdk/client-firehose"
import type { Attempt } from "./ledger.ts"
import { until } from "./until.ts"

/** The SDK's client, which makes one attempt: what failed is seen, not hidden by a retry. */
export function firehoseClient(apiUrl: string, config: FirehoseClientConfig = {}): FirehoseClient {
  return new FirehoseClient({
    endpoint: apiUrl,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
    ...config,
  })
}

/** Creates a stream into the bucket that is called as the stream, and resolves when it is ACTIVE. */
export async function createStream(
  client: FirehoseClient,
  name: string,
  configuration: Partial<ExtendedS3DestinationConfiguration> = {},
): Promise<void> {
  await client.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        RoleARN: "arn:aws:iam::000000000000:role/delivery",
        BucketARN: `arn:aws:s3:::${name}`,
        ...configuration,
      },
    }),
  )
  await until(async () => (await describe(client, name)).DeliveryStreamStatus === "ACTIVE")
}

export async function describe(client: FirehoseClient, name: string) {
  const { DeliveryStreamDescription: description } = await client.send(
    new DescribeDeliveryStreamCommand({ DeliveryStreamName: name }),
  )
  assert(description !== undefined)
  return description
}

/**
 * Puts an attempt's records, one with PutRecord and several with PutRecordBatch, and answers their ids.
 * @throws what the SDK throws
 */
export async function putAttempt(client: FirehoseClient, { stream, records }: Attempt): Promise<string[]> {
  const [first] = records
  if (first !== undefined && records.length === 1) {
    const { RecordId } = await client.send(
      new PutRecordCommand({ DeliveryStreamName: stream, Record: { Data: first } }),
    )
    assert(RecordId !== undefined)
    return [RecordId]
  }
  const Records = records.map((Data) => ({ Data }))
  const { FailedPutCount, RequestResponses = [] } = await client.send(
    new PutRecordBatchCommand({ DeliveryStreamName: stream, Records }),
  )
  assert.equal(FailedPutCount, 0, "a batch is stored whole or refused whole")
  return RequestResponses.map(({ RecordId }) => {
    assert(RecordId !== undefined)
    return RecordId
  })
}

/** An answer of the admin side. */
export interface AdminAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Asks the admin side: `POST /streams/NAME/flush` and the like. */
export async function askAdmin(adminUrl: string, method: "GET" | "POST", path: string): Promise<AdminAnswer> {
  const answer = await fetch(`${adminUrl}${path}`, { method })
  const body: Readonly<Record<string, unknown>> = JSON.parse(await answer.text())
  return { status: answer.status, body }
}

/** Delivers all that streams hold, and resolves when that is done. */
export async function flush(adminUrl: string, streams: readonly string[]): Promise<void> {
  for (const stream of streams) {
    const { status, body } = await askAdmin(adminUrl, "POST", `/streams/${stream}/flush?timeout-seconds=120`)
    assert.equal(status, 200, `flush of ${stream}: ${JSON.stringify(body)}`)
  }
}
