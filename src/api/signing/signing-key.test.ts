import assert from "node:assert/strict"
import { test } from "node:test"
import { createSigningKeys, deriveSigningKey, hmac } from "./signing-key.ts"

const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

// "Create a signed AWS API request" in AWS's IAM user guide, and the signature that it arrives at.
test("AWS's own example gives the documented key and signature", () => {
  const key = deriveSigningKey(secret, "20150830", { region: "us-east-1", service: "iam" })
  assert.equal(key.toString("hex"), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
  const stringToSign = [
    "AWS4-HMAC-SHA256",
    "20150830T123600Z",
    "20150830/us-east-1/iam/aws4_request",
    "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
  ].join("\n")
  const signature = hmac(key, stringToSign).toString("hex")
  assert.equal(signature, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
})

test("A key is derived once a day for each access key id", () => {
  const scope = { region: "us-east-1", service: "firehose" }
  const signingKey = createSigningKeys(scope)
  const first = signingKey("A", secret, "20260314")
  assert.equal(signingKey("A", secret, "20260314"), first)
  assert.deepEqual(signingKey("A", secret, "20260315"), deriveSigningKey(secret, "20260315", scope))
  assert.deepEqual(signingKey("B", "other", "20260314"), deriveSigningKey("other", "20260314", scope))
  assert.deepEqual(signingKey("A", secret, "20260314"), first)
})
