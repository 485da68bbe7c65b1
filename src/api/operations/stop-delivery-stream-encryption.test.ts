/** StartDeliveryStreamEncryption and StopDeliveryStreamEncryption. */
import assert from "node:assert/strict"
import { test } from "node:test"
import {
  InvalidArgumentException,
  ResourceInUseException,
  ResourceNotFoundException,
  StartDeliveryStreamEncryptionCommand,
  StopDeliveryStreamEncryptionCommand,
} from "@aws-sdk/client-firehose"
import { startApi } from "../testing.ts"

const name = { DeliveryStreamName: "s" }

test("Encryption is refused rather than claimed, and stopping it succeeds where it is not on", async (t) => {
  const { client, call, createActive } = await startApi(t)
  await createActive("s")
  const started = client.send(new StartDeliveryStreamEncryptionCommand(name))
  await assert.rejects(started, InvalidArgumentException)
  await assert.rejects(started, /^\w+: Server-side encryption is not supported by this version of Hydrant$/)
  const { text } = await call("StopDeliveryStreamEncryption", name)
  assert.equal(text, "{}")
})

test("Both need a stream that there is, and that is ACTIVE", async (t) => {
  const { client, createActive, setStatus } = await startApi(t)
  const start = new StartDeliveryStreamEncryptionCommand(name)
  const stop = new StopDeliveryStreamEncryptionCommand(name)
  await assert.rejects(client.send(start), ResourceNotFoundException)
  await assert.rejects(client.send(stop), ResourceNotFoundException)
  await createActive("s")
  await setStatus("s", { kind: "CREATING" })
  await assert.rejects(client.send(start), ResourceInUseException)
  await assert.rejects(client.send(stop), ResourceInUseException)
})

test("A key is checked against the limits of the model", async (t) => {
  const { call } = await startApi(t)
  const { text } = await call("StartDeliveryStreamEncryption", {
    ...name,
    DeliveryStreamEncryptionConfigurationInput: { KeyType: "OTHER" },
  })
  assert.match(JSON.parse(text).message, /Member must satisfy enum value set: \[AWS_OWNED_CMK, CUSTOMER_MANAGED_CMK\]$/)
})
