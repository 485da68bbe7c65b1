import assert from "node:assert/strict"
import { test } from "node:test"
import {
  DeleteDeliveryStreamCommand,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-firehose"
import { startApi, storeConfiguration } from "../testing.ts"

test("A deleted stream is DELETING, and deleting it again changes nothing", async (t) => {
  const { call, catalog, createActive } = await startApi(t)
  await createActive("s")
  for (const AllowForceDelete of [false, true]) {
    const { status, text } = await call("DeleteDeliveryStream", { DeliveryStreamName: "s", AllowForceDelete })
    assert.deepEqual([status, text], [200, "{}"])
    assert.equal(catalog.find("s")?.status.kind, "DELETING")
  }
})

test("A stream that failed can be deleted, and one that is being created cannot", async (t) => {
  const { client, call, catalog, setStatus } = await startApi(t)
  await call("CreateDeliveryStream", { DeliveryStreamName: "s", S3DestinationConfiguration: storeConfiguration })
  const deletion = new DeleteDeliveryStreamCommand({ DeliveryStreamName: "s" })
  await assert.rejects(client.send(deletion), ResourceInUseException)
  const failure = { type: "UNKNOWN_ERROR", details: "The disk is gone" }
  for (const kind of ["CREATING_FAILED", "DELETING_FAILED"] as const) {
    await setStatus("s", { kind, failure })
    await client.send(deletion)
    assert.deepEqual(catalog.find("s")?.status, { kind: "DELETING" })
  }
})

test("A stream that there is not cannot be deleted", async (t) => {
  const { client } = await startApi(t)
  await assert.rejects(
    client.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: "s" })),
    (error) =>
      error instanceof ResourceNotFoundException &&
      error.message === "Firehose s under account 123456789012 not found.",
  )
})
