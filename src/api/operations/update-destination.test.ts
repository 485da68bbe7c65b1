import assert from "node:assert/strict"
import { test } from "node:test"
import { ConcurrentModificationException, UpdateDestinationCommand } from "@aws-sdk/client-firehose"
import { startApi, storeConfiguration } from "../testing.ts"

const id = "destinationId-000000000001"
const target = { DeliveryStreamName: "s", CurrentDeliveryStreamVersionId: "1", DestinationId: id }

test("An update is laid over what is stored, in any view, and makes the next version", async (t) => {
  const { client, catalog, clock, createActive } = await startApi(t)
  await createActive("s")
  clock.nowMs += 1234
  await client.send(new UpdateDestinationCommand({ ...target, S3DestinationUpdate: { Prefix: "new/" } }))
  const stream = catalog.find("s")
  assert.equal(stream?.version, 2)
  assert.equal(stream?.updatedMs, clock.nowMs)
  assert.equal(stream?.status.kind, "ACTIVE")
  assert.deepEqual(stream?.destination, {
    id,
    kind: "store",
    configuration: { ...storeConfiguration, Prefix: "new/" },
  })
})

test("An update is described with the new version and the time of it", async (t) => {
  const { call, createActive } = await startApi(t)
  await createActive("s")
  const { text } = await call("UpdateDestination", { ...target, ExtendedS3DestinationUpdate: { Prefix: "" } })
  assert.equal(text, "{}")
  const described = await call("DescribeDeliveryStream", { DeliveryStreamName: "s" })
  const { VersionId, LastUpdateTimestamp, Destinations } = JSON.parse(described.text).DeliveryStreamDescription
  assert.deepEqual([VersionId, LastUpdateTimestamp], ["2", 1534313835.031])
  assert.equal(Destinations[0].S3DestinationDescription.Prefix, "")
})

test("Of two updates of one version the second is refused, even when they come at the same time", async (t) => {
  const { client, call, createActive } = await startApi(t)
  await createActive("s")
  const update = new UpdateDestinationCommand({ ...target, ExtendedS3DestinationUpdate: { Prefix: "new/" } })
  const outcomes = await Promise.allSettled([client.send(update), client.send(update)])
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []))
  assert.equal(reasons.length, 1)
  assert.ok(reasons[0] instanceof ConcurrentModificationException)
  const { text } = await call("UpdateDestination", { ...target, ExtendedS3DestinationUpdate: {} })
  assert.equal(
    JSON.parse(text).message,
    "Cannot update firehose: s since the current version id: 2 and specified version id: 1 do not match",
  )
})

test("An update to another kind keeps nothing, and so must be whole", async (t) => {
  const { call, catalog, createActive } = await startApi(t)
  await createActive("s")
  const partial = await call("UpdateDestination", { ...target, BinDestinationUpdate: { RoleARN: "r" } })
  assert.deepEqual(JSON.parse(partial.text), {
    __type: "ValidationException",
    message:
      "1 validation error detected: Value null at 'bucketARN' failed to satisfy constraint: Member must not be null",
  })
  const whole = await call("UpdateDestination", { ...target, BinDestinationUpdate: { RoleARN: "r", BucketARN: "b" } })
  assert.equal(whole.status, 200)
  assert.deepEqual(catalog.find("s")?.destination, {
    id,
    kind: "bin",
    configuration: { RoleARN: "r", BucketARN: "b", Prefix: "default/" },
  })
})

const one = "Exactly one destination configuration is supported for a Firehose"
const update = { ExtendedS3DestinationUpdate: { Prefix: "new/" } }

/** Each breaks one rule more than the one after it, and so shows the order in which they are told. */
const refusals: readonly [name: string, input: object, type: string, message: string][] = [
  [
    "of a stream that there is not",
    { ...target, DeliveryStreamName: "none", CurrentDeliveryStreamVersionId: "7", DestinationId: "x" },
    "ResourceNotFoundException",
    "Firehose none under account 123456789012 not found.",
  ],
  [
    "without an update",
    { ...target, CurrentDeliveryStreamVersionId: "7", DestinationId: "x" },
    "InvalidArgumentException",
    one,
  ],
  ["with two updates", { ...target, ...update, BinDestinationUpdate: {} }, "InvalidArgumentException", one],
  [
    "to a destination that is not supported",
    { ...target, SplunkDestinationUpdate: {} },
    "InvalidArgumentException",
    "SplunkDestinationUpdate is not supported by this version of Hydrant",
  ],
  [
    "of another version",
    { ...target, CurrentDeliveryStreamVersionId: "01", DestinationId: "x", ...update },
    "ConcurrentModificationException",
    "Cannot update firehose: s since the current version id: 1 and specified version id: 01 do not match",
  ],
  [
    "of another destination",
    { ...target, DestinationId: "x", ExtendedS3DestinationUpdate: { Prefix: "!{" } },
    "InvalidArgumentException",
    "Destination Id x not found",
  ],
  [
    "that its destination refuses",
    { ...target, ExtendedS3DestinationUpdate: { Prefix: "!{" } },
    "InvalidArgumentException",
    "Prefix is not an expression",
  ],
  [
    "to a destination that names what is not there",
    { ...target, BinDestinationUpdate: { RoleARN: "r", BucketARN: "b", Prefix: "missing/" } },
    "InvalidArgumentException",
    "There is no missing/",
  ],
]

for (const [name, input, type, message] of refusals) {
  test(`An update ${name} is refused, and changes nothing`, async (t) => {
    const { call, catalog, createActive } = await startApi(t)
    await createActive("s")
    const before = catalog.find("s")
    const { status, text } = await call("UpdateDestination", input)
    assert.equal(status, 400)
    assert.deepEqual(JSON.parse(text), { __type: type, message })
    assert.equal(catalog.find("s"), before)
  })
}

test("Only an ACTIVE stream is updated", async (t) => {
  const { call, createActive, setStatus } = await startApi(t)
  await createActive("s")
  for (const kind of ["CREATING", "DELETING"] as const) {
    await setStatus("s", { kind })
    const { text } = await call("UpdateDestination", { ...target, ...update })
    assert.equal(JSON.parse(text).__type, "ResourceInUseException")
  }
})
