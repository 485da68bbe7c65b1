import assert from "node:assert/strict"
import { test } from "node:test"
import { exposureProblems } from "./index.ts"

const local = { listenAddress: "127.0.0.1", credentials: undefined }

test("Loopback addresses need no credentials", () => {
  for (const listenAddress of [
    "127.0.0.1",
    "127.1.2.3",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "localhost",
    "LOCALHOST",
  ]) {
    assert.deepEqual(exposureProblems({ ...local, listenAddress }), [], listenAddress)
  }
})

test("Any other address needs them, and the message says what to set", () => {
  for (const listenAddress of [
    "0.0.0.0",
    "::",
    "10.0.0.5",
    "::ffff:10.0.0.5",
    "fe80::1",
    "example.com",
    "127.0.0.1.example.com",
  ]) {
    assert.deepEqual(exposureProblems({ ...local, listenAddress }), [
      `Cannot listen on listen-address "${listenAddress}" without credentials, since anybody who can reach it could use it: set credentials to a file of the keys that may sign (the format of ~/.aws/credentials), or listen-address to 127.0.0.1`,
    ])
    assert.deepEqual(exposureProblems({ ...local, listenAddress, credentials: "keys" }), [])
  }
})
