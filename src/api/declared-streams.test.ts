import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { destinations } from "../destinations/index.ts"
import { systemRandom } from "../platform/index.ts"
import { createSimulatedRandom, Life, SimulatedDisk } from "../platform/simulated/index.ts"
import { type Catalog, openLocalCatalog } from "../streams/index.ts"
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
