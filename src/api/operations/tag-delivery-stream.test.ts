/** TagDeliveryStream, UntagDeliveryStream and ListTagsForDeliveryStream. */
import assert from "node:assert/strict"
import { test } from "node:test"
import {
  LimitExceededException,
  ListTagsForDeliveryStreamCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TagDeliveryStreamCommand,
  UntagDeliveryStreamCommand,
} from "@aws-sdk/client-firehose"
import { startApi, type TestApi } from "../testing.ts"

const DeliveryStreamName = "s"

async function tagsOf({ client }: TestApi, page: { ExclusiveStartTagKey?: string; Limit?: number } = {}) {
  const { Tags, HasMoreTags } = await client.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName, ...page }))
  return { keys: Tags?.map((tag) => tag.Key), HasMoreTags }
}

const numbered = (count: number, prefix = "k") =>
  Array.from({ length: count }, (_, index) => ({ Key: `${prefix}${String(index).padStart(2, "0")}`, Value: "v" }))

test("Tags are added, replaced and removed, and listed in the order of their keys", async (t) => {
  const api = await startApi(t)
  await api.createActive("s")
  const version = api.catalog.find("s")?.version
  const tag = (Tags: { Key: string; Value?: string }[]) =>
    api.client.send(new TagDeliveryStreamCommand({ DeliveryStreamName, Tags }))
  await tag([{ Key: "b", Value: "1" }, { Key: "a" }, { Key: "B", Value: "" }])
  await tag([
    { Key: "c/ä 1", Value: "x" },
    { Key: "b", Value: "2" },
    { Key: "b", Value: "3" },
  ])
  await api.client.send(new UntagDeliveryStreamCommand({ DeliveryStreamName, TagKeys: ["c/ä 1", "unknown"] }))
  const { text } = await api.call("ListTagsForDeliveryStream", { DeliveryStreamName })
  assert.deepEqual(JSON.parse(text), {
    HasMoreTags: false,
    Tags: [{ Key: "B", Value: "" }, { Key: "a" }, { Key: "b", Value: "3" }],
  })
  assert.equal(api.catalog.find("s")?.version, version)
})

test("All fifty tags are listed when no limit is given, and pages go on after a key", async (t) => {
  const api = await startApi(t)
  await api.createActive("s")
  const Tags = numbered(50)
  const keys = Tags.map((tag) => tag.Key)
  await api.client.send(new TagDeliveryStreamCommand({ DeliveryStreamName, Tags }))
  assert.deepEqual(await tagsOf(api), { keys, HasMoreTags: false })
  assert.deepEqual(await tagsOf(api, { Limit: 20 }), { keys: keys.slice(0, 20), HasMoreTags: true })
  assert.deepEqual(await tagsOf(api, { Limit: 20, ExclusiveStartTagKey: "k29" }), {
    keys: keys.slice(30),
    HasMoreTags: false,
  })
  assert.deepEqual(await tagsOf(api, { ExclusiveStartTagKey: "k48x" }), { keys: ["k49"], HasMoreTags: false })
})

test("The fifty-first tag is refused, and one of the fifty can still be changed", async (t) => {
  const { client, catalog, createActive } = await startApi(t)
  await createActive("s")
  const tag = (Tags: { Key: string; Value: string }[]) =>
    client.send(new TagDeliveryStreamCommand({ DeliveryStreamName, Tags }))
  await tag(numbered(50))
  await assert.rejects(tag(numbered(1, "more")), LimitExceededException)
  await tag([{ Key: "k00", Value: "changed" }])
  assert.equal(catalog.find("s")?.tags.length, 50)
  assert.equal(catalog.find("s")?.tags[0]?.value, "changed")
})

const limits: readonly [operation: string, input: object, message: string][] = [
  [
    "TagDeliveryStream",
    { DeliveryStreamName, Tags: numbered(51) },
    "Value '[51 items]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
  ],
  [
    "TagDeliveryStream",
    { DeliveryStreamName, Tags: [{ Key: "aws:a" }] },
    "Value 'aws:a' at 'tags.1.member.key' failed to satisfy constraint: " +
      "Member must satisfy regular expression pattern: ^(?!aws:)[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@%]*$",
  ],
  [
    "UntagDeliveryStream",
    { DeliveryStreamName, TagKeys: [] },
    "Value '[0 items]' at 'tagKeys' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
]

for (const [operation, input, message] of limits) {
  test(`${operation} tells: ${message.slice(0, 60)}`, async (t) => {
    const { call } = await startApi(t)
    const { text } = await call(operation, input)
    assert.deepEqual(JSON.parse(text), {
      __type: "ValidationException",
      message: `1 validation error detected: ${message}`,
    })
  })
}

test("Tags are changed only of a stream that is ACTIVE, and listed in whatever status", async (t) => {
  const api = await startApi(t)
  const tag = new TagDeliveryStreamCommand({ DeliveryStreamName, Tags: [{ Key: "a", Value: "" }] })
  const untag = new UntagDeliveryStreamCommand({ DeliveryStreamName, TagKeys: ["a"] })
  await assert.rejects(api.client.send(tag), ResourceNotFoundException)
  await assert.rejects(api.client.send(untag), ResourceNotFoundException)
  await assert.rejects(tagsOf(api), ResourceNotFoundException)
  await api.createActive("s")
  await api.client.send(tag)
  await api.setStatus("s", { kind: "DELETING" })
  await assert.rejects(api.client.send(tag), ResourceInUseException)
  await assert.rejects(api.client.send(untag), ResourceInUseException)
  assert.deepEqual(await tagsOf(api), { keys: ["a"], HasMoreTags: false })
})
