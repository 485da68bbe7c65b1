import assert from "node:assert/strict"
import { test } from "node:test"
import {
  CreateDeliveryStreamCommand,
  InvalidKMSResourceException,
  ResourceInUseException,
} from "@aws-sdk/client-firehose"
import { KeyRefusedError } from "../../keys/index.ts"
import { startApi, storeConfiguration } from "../testing.ts"

const destination = { ExtendedS3DestinationConfiguration: storeConfiguration }

test("A created stream is CREATING, with its ARN, destination, hint and tags in the order of their keys", async (t) => {
  const { client, catalog } = await startApi(t)
  const answer = await client.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: "s",
      DirectPutSourceConfiguration: { ThroughputHintInMBs: 7 },
      ...destination,
      Tags: [{ Key: "b", Value: "1" }, { Key: "a" }, { Key: "b", Value: "2" }],
    }),
  )
  assert.equal(answer.DeliveryStreamARN, "arn:aws:firehose:eu-central-1:123456789012:deliverystream/s")
  const { uid, arn, createdMs, ...stream } = catalog.find("s") ?? assert.fail()
  assert.deepEqual(stream, {
    name: "s",
    type: "DirectPut",
    status: { kind: "CREATING" },
    version: 1,
    throughputHintInMBs: 7,
    destination: {
      id: "destinationId-000000000001",
      kind: "store",
      configuration: { ...storeConfiguration, Prefix: "default/" },
    },
    tags: [{ key: "a" }, { key: "b", value: "2" }],
    deliveryEnabled: true,
    encryption: { state: { status: "DISABLED" }, dataKeys: [], changesMs: [] },
    partitionCount: 1,
  })
})

test("A name that is taken is refused, in whatever status its stream is", async (t) => {
  const { client, call, createActive, setStatus } = await startApi(t)
  await createActive("s")
  await setStatus("s", { kind: "DELETING" })
  const again = { DeliveryStreamName: "s", ...destination }
  await assert.rejects(client.send(new CreateDeliveryStreamCommand(again)), ResourceInUseException)
  const { text } = await call("CreateDeliveryStream", again)
  assert.equal(JSON.parse(text).message, "Firehose s under accountId 123456789012 already exists")
})

test("A destination that names what is not there is refused, unless the name of the stream is taken", async (t) => {
  const { call, catalog, createActive } = await startApi(t)
  const missing = { BinDestinationConfiguration: { ...storeConfiguration, Prefix: "missing/" } }
  const refused = await call("CreateDeliveryStream", { DeliveryStreamName: "s", ...missing })
  assert.equal(refused.status, 400)
  assert.deepEqual(JSON.parse(refused.text), { __type: "InvalidArgumentException", message: "There is no missing/" })
  assert.equal(catalog.find("s"), undefined)
  await createActive("s")
  const taken = await call("CreateDeliveryStream", { DeliveryStreamName: "s", ...missing })
  assert.equal(JSON.parse(taken.text).__type, "ResourceInUseException")
})

test("Past the limit a create is refused, and names streams that are there", async (t) => {
  const { call, createActive } = await startApi(t, { streamsMax: 52 })
  for (let number = 100; number < 152; number++) await createActive(`s${number}`)
  const { status, text } = await call("CreateDeliveryStream", { DeliveryStreamName: "more", ...destination })
  assert.equal(status, 400)
  const { __type, message } = JSON.parse(text)
  assert.equal(__type, "LimitExceededException")
  assert.match(message, /^You have already consumed your firehose quota of 52 hoses\. Firehose names: \[s100, s101, /)
  assert.match(message, /, s149, \.\.\.\]$/)
})

const stream = { DeliveryStreamName: "s" }
const one = "Exactly one destination configuration is supported for a Firehose"
const kinesis = { KinesisStreamSourceConfiguration: { KinesisStreamARN: "a", RoleARN: "b" } }

const refusals: readonly [name: string, input: object, message: string][] = [
  ["no destination", stream, one],
  ["two destinations", { ...stream, ...destination, BinDestinationConfiguration: storeConfiguration }, one],
  ["two views of one destination", { ...stream, ...destination, S3DestinationConfiguration: storeConfiguration }, one],
  [
    "a destination beside one that is not supported",
    { ...stream, ...destination, SplunkDestinationConfiguration: {} },
    one,
  ],
  ...[
    "Redshift",
    "Elasticsearch",
    "Amazonopensearchservice",
    "AmazonOpenSearchServerless",
    "Splunk",
    "HttpEndpoint",
    "Snowflake",
    "Iceberg",
  ].map((name): [string, object, string] => [
    `a destination that is not supported, ${name}`,
    { ...stream, [`${name}DestinationConfiguration`]: {} },
    `${name}DestinationConfiguration is not supported by this version of Hydrant`,
  ]),
  [
    "a configuration that its destination refuses",
    { ...stream, S3DestinationConfiguration: { ...storeConfiguration, Prefix: "!{" } },
    "Prefix is not an expression",
  ],
  [
    "a Kinesis source of a stream that takes puts",
    { ...stream, ...destination, ...kinesis },
    "KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type",
  ],
  [
    "a Kinesis source",
    { ...stream, ...destination, ...kinesis, DeliveryStreamType: "KinesisStreamAsSource" },
    "KinesisStreamSourceConfiguration is not supported by this version of Hydrant",
  ],
  [
    "a Kafka source",
    { ...stream, ...destination, MSKSourceConfiguration: {} },
    "MSKSourceConfiguration is not supported by this version of Hydrant",
  ],
  [
    "a database source",
    { ...stream, ...destination, DatabaseSourceConfiguration: {} },
    "DatabaseSourceConfiguration is not supported by this version of Hydrant",
  ],
  [
    "a type of another source",
    { ...stream, ...destination, DeliveryStreamType: "MSKAsSource" },
    "DeliveryStreamType MSKAsSource is not supported by this version of Hydrant",
  ],
  [
    "an encryption key that is not named",
    { ...stream, ...destination, DeliveryStreamEncryptionConfigurationInput: { KeyType: "CUSTOMER_MANAGED_CMK" } },
    "KeyARN is required for KeyType CUSTOMER_MANAGED_CMK",
  ],
]

test("A stream that is made with encryption is CREATING until its key is there", async (t) => {
  const { client, catalog } = await startApi(t)
  const encryption = { KeyType: "AWS_OWNED_CMK" } as const
  const input = { ...destination, DeliveryStreamName: "s", DeliveryStreamEncryptionConfigurationInput: encryption }
  await client.send(new CreateDeliveryStreamCommand(input))
  const { status, encryption: made } = catalog.find("s") ?? assert.fail()
  assert.equal(status.kind, "CREATING")
  const state = { status: "ENABLING", key: { type: "AWS_OWNED_CMK" }, before: undefined }
  assert.deepEqual(made, { state, dataKeys: [], changesMs: [] })
})

test("A create with a key that can't be used is refused, but not before a name that is taken", async (t) => {
  const asked: string[] = []
  const refusal = async (_: unknown, arn: string) => {
    asked.push(arn)
    return new KeyRefusedError("not-found", "There is none")
  }
  const { client, catalog, createActive } = await startApi(t, { keys: { refusal } })
  await createActive("taken")
  const create = (name: string) => {
    const encryption = {
      KeyType: "CUSTOMER_MANAGED_CMK",
      KeyARN: "arn:aws:kms:eu-central-1:123456789012:key/k",
    } as const
    const input = { ...destination, DeliveryStreamName: name, DeliveryStreamEncryptionConfigurationInput: encryption }
    return client.send(new CreateDeliveryStreamCommand(input))
  }
  await assert.rejects(create("taken"), ResourceInUseException)
  await assert.rejects(create("s"), (error) => {
    return error instanceof InvalidKMSResourceException && error.code === "NotFoundException"
  })
  assert.equal(catalog.find("s"), undefined)
  assert.deepEqual(asked, ["arn:aws:firehose:eu-central-1:123456789012:deliverystream/s"])
})

for (const [name, input, message] of refusals) {
  test(`A create with ${name} is refused, and makes nothing`, async (t) => {
    const { call, catalog } = await startApi(t)
    const { status, text } = await call("CreateDeliveryStream", input)
    assert.equal(status, 400)
    assert.deepEqual(JSON.parse(text), { __type: "InvalidArgumentException", message })
    assert.deepEqual(catalog.list(), [])
  })
}

test("Limits are told with the path of what breaks them, also within destinations and tags", async (t) => {
  const { call } = await startApi(t)
  const { text } = await call("CreateDeliveryStream", {
    DeliveryStreamName: "s",
    ExtendedS3DestinationConfiguration: { RoleARN: "r" },
    Tags: [{ Key: "ok" }, { Key: "foo!" }],
  })
  assert.equal(
    JSON.parse(text).message,
    "2 validation errors detected: " +
      "Value null at 'extendedS3DestinationConfiguration.bucketARN' failed to satisfy constraint: Member must not be null; " +
      "Value 'foo!' at 'tags.2.member.key' failed to satisfy constraint: " +
      "Member must satisfy regular expression pattern: ^(?!aws:)[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@%]*$",
  )
})
