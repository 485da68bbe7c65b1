import assert from "node:assert/strict"
import { test } from "node:test"
import { DescribeDeliveryStreamCommand, ResourceNotFoundException } from "@aws-sdk/client-firehose"
import { destinations } from "../../destinations/index.ts"
import type { StreamStatus } from "../../streams/index.ts"
import { startApi, storeConfiguration } from "../testing.ts"
import { operationsFor } from "./index.ts"

const configuration = { ...storeConfiguration, Prefix: "default/" }

test("A new stream is described at once, its destination in every view", async (t) => {
  const { call } = await startApi(t)
  await call("CreateDeliveryStream", { DeliveryStreamName: "s", S3DestinationConfiguration: storeConfiguration })
  const { text } = await call("DescribeDeliveryStream", { DeliveryStreamName: "s", Limit: 1 })
  assert.deepEqual(JSON.parse(text), {
    DeliveryStreamDescription: {
      CreateTimestamp: 1534313835.031,
      DeliveryStreamARN: "arn:aws:firehose:eu-central-1:123456789012:deliverystream/s",
      DeliveryStreamEncryptionConfiguration: { Status: "DISABLED" },
      DeliveryStreamName: "s",
      DeliveryStreamStatus: "CREATING",
      DeliveryStreamType: "DirectPut",
      Destinations: [
        {
          DestinationId: "destinationId-000000000001",
          S3DestinationDescription: configuration,
          ExtendedS3DestinationDescription: configuration,
        },
      ],
      HasMoreDestinations: false,
      VersionId: "1",
    },
  })
  assert.match(text, /"CreateTimestamp":1534313835\.031,/)
})

test("A minimal S3 destination is described as the service was recorded to do: spec/config-shapes.md, section 6", async (t) => {
  const { call } = await startApi(t, { destinations, operations: operationsFor(destinations) })
  const ExtendedS3DestinationConfiguration = storeConfiguration
  await call("CreateDeliveryStream", { DeliveryStreamName: "s", ExtendedS3DestinationConfiguration })
  const { text } = await call("DescribeDeliveryStream", { DeliveryStreamName: "s" })
  const shown = {
    ...storeConfiguration,
    BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 5 },
    CompressionFormat: "UNCOMPRESSED",
    EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
    CloudWatchLoggingOptions: { Enabled: false },
  }
  assert.deepEqual(JSON.parse(text).DeliveryStreamDescription.Destinations, [
    {
      DestinationId: "destinationId-000000000001",
      ExtendedS3DestinationDescription: { ...shown, S3BackupMode: "Disabled" },
      S3DestinationDescription: shown,
    },
  ])
})

test("The hint of a stream's producers is described in its source", async (t) => {
  const { client, call } = await startApi(t)
  await call("CreateDeliveryStream", {
    DeliveryStreamName: "s",
    DirectPutSourceConfiguration: { ThroughputHintInMBs: 100 },
    S3DestinationConfiguration: storeConfiguration,
  })
  const { DeliveryStreamDescription } = await client.send(
    new DescribeDeliveryStreamCommand({ DeliveryStreamName: "s" }),
  )
  assert.deepEqual(DeliveryStreamDescription?.Source, { DirectPutSourceDescription: { ThroughputHintInMBs: 100 } })
  assert.equal(DeliveryStreamDescription?.CreateTimestamp?.getTime(), 1_534_313_835_031)
})

const failure = { type: "UNKNOWN_ERROR", details: "The disk is gone" }
const statuses: readonly StreamStatus[] = [
  { kind: "ACTIVE" },
  { kind: "DELETING" },
  { kind: "CREATING_FAILED", failure },
  { kind: "DELETING_FAILED", failure },
]

for (const status of statuses) {
  test(`A stream in status ${status.kind} is described, with the failure if there is one`, async (t) => {
    const { client, createActive, setStatus } = await startApi(t)
    await createActive("s")
    await setStatus("s", status)
    const { DeliveryStreamDescription: told } = await client.send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName: "s" }),
    )
    assert.equal(told?.DeliveryStreamStatus, status.kind)
    const expected = "failure" in status ? { Type: "UNKNOWN_ERROR", Details: "The disk is gone" } : undefined
    assert.deepEqual(told?.FailureDescription, expected)
  })
}

test("After the only destination there is none, and after an unknown one there it is", async (t) => {
  const { client, createActive } = await startApi(t)
  await createActive("s")
  for (const [id, count] of [
    ["destinationId-000000000001", 0],
    ["destinationId-000000000002", 1],
  ] as const) {
    const { DeliveryStreamDescription: told } = await client.send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName: "s", ExclusiveStartDestinationId: id }),
    )
    assert.equal(told?.Destinations?.length, count)
    assert.equal(told?.HasMoreDestinations, false)
  }
})

test("A stream that there is not cannot be described", async (t) => {
  const { client } = await startApi(t)
  const description = client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: "s" }))
  await assert.rejects(description, ResourceNotFoundException)
})
