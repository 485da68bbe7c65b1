import assert from "node:assert/strict"
import { test } from "node:test"
import { ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose"
import { startApi } from "../testing.ts"

test("Names are listed ten at a time, in the order of their code units, in whatever status", async (t) => {
  const { client, createActive, setStatus } = await startApi(t)
  const names = ["a", "B", "_", "b", "10", "9", "c-d", "c.d", "c_d", "cd", "z", "Z"]
  for (const name of names) await createActive(name)
  await setStatus("a", { kind: "DELETING" })
  const sorted = ["10", "9", "B", "Z", "_", "a", "b", "c-d", "c.d", "c_d", "cd", "z"]
  const first = await client.send(new ListDeliveryStreamsCommand({}))
  assert.deepEqual(first.DeliveryStreamNames, sorted.slice(0, 10))
  assert.equal(first.HasMoreDeliveryStreams, true)
  const second = await client.send(new ListDeliveryStreamsCommand({ ExclusiveStartDeliveryStreamName: "c_d" }))
  assert.deepEqual(second.DeliveryStreamNames, ["cd", "z"])
  assert.equal(second.HasMoreDeliveryStreams, false)
})

test("A page begins after the given name, whether there is such a stream or not, and is as long as asked", async (t) => {
  const { client, createActive } = await startApi(t)
  for (const name of ["a", "c", "e"]) await createActive(name)
  const list = async (start: string, Limit: number) => {
    const answer = await client.send(new ListDeliveryStreamsCommand({ ExclusiveStartDeliveryStreamName: start, Limit }))
    return [answer.DeliveryStreamNames, answer.HasMoreDeliveryStreams]
  }
  assert.deepEqual(await list("b", 1), [["c"], true])
  assert.deepEqual(await list("b", 2), [["c", "e"], false])
  assert.deepEqual(await list("e", 2), [[], false])
})

test("Names can be listed of one type only", async (t) => {
  const { client, createActive } = await startApi(t)
  for (const name of ["a", "b"]) await createActive(name)
  const list = async (DeliveryStreamType: "DirectPut" | "MSKAsSource") => {
    const answer = await client.send(new ListDeliveryStreamsCommand({ DeliveryStreamType, Limit: 1 }))
    return [answer.DeliveryStreamNames, answer.HasMoreDeliveryStreams]
  }
  assert.deepEqual(await list("DirectPut"), [["a"], true])
  assert.deepEqual(await list("MSKAsSource"), [[], false])
})
