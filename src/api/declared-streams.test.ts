import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { destinations } from "../destinations/index.ts"
import { systemRandom } from "../platform/index.ts"
import { createSimulatedRandom, Life, SimulatedDisk } from "../platform/simulated/index.ts"
import { type Catalog, type EncryptionState, openLocalCatalog } from "../streams/index.ts"
import { declareStreams } from "./declared-streams.ts"

let catalog: Catalog
const clock = { now: () => 5_000, elapsed: () => 0, sleep: async () => {} }

beforeEach(async () => {
  catalog = await openLocalCatalog({
    disk: new SimulatedDisk({ random: createSimulatedRandom(1) }).mount(new Life()),
    folder: "/catalog",
    clock,
    random: systemRandom,
    identity: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
    streamsMax: 2,
  })
})

const declare = (...declarations: readonly unknown[]) => declareStreams({ catalog, clock, destinations }, declarations)

function orders(members: object = {}, destination: object = {}) {
  return {
    DeliveryStreamName: "orders",
    ExtendedS3DestinationConfiguration: {
      RoleARN: "arn:aws:iam::000000000000:role/hydrant",
      BucketARN: "arn:aws:s3:::orders",
      ...destination,
    },
    ...members,
  }
}

test("a stream that is missing is made, and one that is as declared stays as it is", async () => {
  await declare(orders({ Tags: [{ Key: "team", Value: "shop" }] }))
  const made = catalog.find("orders")
  assert.deepEqual(made?.tags, [{ key: "team", value: "shop" }])
  await declare(orders({ Tags: [{ Key: "team", Value: "shop" }] }))
  assert.equal(catalog.find("orders"), made)
})

test("what differs is updated: the destination as a new version, tags as they are", async () => {
  await declare(orders())
  await declare(orders({}, { CompressionFormat: "GZIP" }))
  const updated = catalog.find("orders")
  assert.deepEqual([updated?.version, updated?.updatedMs], [2, 5_000])
  await declare(orders({ Tags: [{ Key: "a" }] }, { CompressionFormat: "GZIP" }))
  assert.deepEqual([catalog.find("orders")?.version, catalog.find("orders")?.tags], [2, [{ key: "a" }]])
})

const wrong: readonly [what: string, declaration: unknown, message: RegExp][] = [
  ["no object", "orders", /entry 1 is wrong: Expected null/],
  ["a broken limit", orders({ DeliveryStreamName: "x!" }), /entry 1 is wrong: .*regular expression pattern/],
  ["a mistyped member", orders({ Tag: [] }, { Prefx: "z" }), /no ExtendedS3DestinationConfiguration.Prefx, no Tag$/],
  [
    "something not supported",
    { DeliveryStreamName: "a", SplunkDestinationConfiguration: {} },
    /Splunk.* is not supported/,
  ],
]
for (const [what, declaration, message] of wrong) {
  test(`a declaration with ${what} is refused, and nothing is made`, async () => {
    await assert.rejects(declare(declaration, { ...orders(), DeliveryStreamName: "other" }), message)
    assert.deepEqual(catalog.list(), [])
  })
}

test("a name that is declared twice, and more streams than there may be, are refused", async () => {
  await assert.rejects(declare(orders(), orders()), /"orders" is declared twice/)
  const three = ["a", "b", "c"].map((name) => orders({ DeliveryStreamName: name }))
  await assert.rejects(declare(...three), /as many streams as there may be/)
})

const encrypted = (KeyARN?: string) => ({
  DeliveryStreamEncryptionConfigurationInput:
    KeyARN === undefined ? { KeyType: "AWS_OWNED_CMK" } : { KeyType: "CUSTOMER_MANAGED_CMK", KeyARN },
})
const keyArn = "arn:aws:kms:us-east-1:000000000000:key/k"

/** As the stream's life cycle leaves it once a key is there. */
async function settle(state: EncryptionState) {
  await catalog.change("orders", (current) => ({
    ...current,
    status: { kind: "ACTIVE" },
    encryption: { ...current.encryption, state },
  }))
}

test("encryption is started, changed and stopped as declared, and left alone where it is as declared", async () => {
  const owned = { type: "AWS_OWNED_CMK" } as const
  const customer = { type: "CUSTOMER_MANAGED_CMK", arn: keyArn } as const
  await declare(orders(encrypted()))
  assert.deepEqual(catalog.find("orders")?.encryption.state, { status: "ENABLING", key: owned, before: undefined })
  await settle({ status: "ENABLED", key: owned })
  const settled = catalog.find("orders")
  await declare(orders(encrypted()))
  assert.equal(catalog.find("orders"), settled)
  await declare(orders(encrypted(keyArn)))
  assert.deepEqual(catalog.find("orders")?.encryption.state, { status: "ENABLING", key: customer, before: owned })
  await settle({ status: "ENABLED", key: customer })
  await declare(orders())
  assert.deepEqual(catalog.find("orders")?.encryption.state, { status: "DISABLING", key: customer })
  assert.equal(catalog.find("orders")?.version, 1)
})

test("a key that could not be had is tried again at each start, also of a stream that could not be made", async () => {
  await declare(orders(encrypted(keyArn)))
  const failure = { type: "UNKNOWN_ERROR", details: "Nobody was there" }
  const key = { type: "CUSTOMER_MANAGED_CMK", arn: keyArn } as const
  await settle({ status: "ENABLING_FAILED", key, before: undefined, failure })
  await declare(orders(encrypted(keyArn)))
  assert.equal(catalog.find("orders")?.encryption.state.status, "ENABLING")
  await settle({ status: "ENABLING_FAILED", key, before: undefined, failure })
  await catalog.change("orders", (current) => ({ ...current, status: { kind: "CREATING_FAILED", failure } }))
  await declare(orders(encrypted(keyArn)))
  const { status, encryption } = catalog.find("orders") ?? assert.fail()
  assert.deepEqual([status.kind, encryption.state.status], ["CREATING", "ENABLING"])
})
