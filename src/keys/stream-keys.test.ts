import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { KeyUnavailableError } from "../log/index.ts"
import { type Clock, systemRandom } from "../platform/index.ts"
import {
  afterDisabling,
  enabled,
  enabling,
  encryptedWith,
  type MasterKey,
  type StreamDefinition,
} from "../streams/index.ts"
import { type KeyError, KeyRefusedError, KeyUnreachableError } from "./key-errors.ts"
import type { KeyWrapper } from "./key-wrapper.ts"
import { StreamKeys } from "./stream-keys.ts"

const owned: MasterKey = { type: "AWS_OWNED_CMK" }
const other: MasterKey = { type: "CUSTOMER_MANAGED_CMK", arn: "arn:aws:kms:us-east-1:000000000000:key/k" }
const minuteMs = 60_000

/** Keeps data keys in the open; its master keys can be refused, or out of reach. */
class OpenWrapper implements KeyWrapper {
  trouble: KeyError | undefined
  unwrapCount = 0

  async generate() {
    if (this.trouble !== undefined) throw this.trouble
    const secret = systemRandom.bytes(32)
    return { secret, wrapped: secret.toString("base64") }
  }

  async unwrap({ wrapped }: { readonly wrapped: string }) {
    this.unwrapCount++
    if (this.trouble !== undefined) throw this.trouble
    return Buffer.from(wrapped, "base64")
  }
}

let nowMs: number
let wrapper: OpenWrapper
let problems: KeyError[]
let stream: StreamDefinition

beforeEach(() => {
  nowMs = 0
  wrapper = new OpenWrapper()
  problems = []
  stream = {
    uid: "s-1",
    name: "s",
    arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/s",
    type: "DirectPut",
    status: { kind: "ACTIVE" },
    version: 1,
    createdMs: 0,
    destination: { id: "d", kind: "s3", configuration: {} },
    tags: [],
    deliveryEnabled: true,
    encryption: encryptedWith(owned),
    partitionCount: 1,
  }
})

/** The keys of the stream in a process that was just started. */
function open() {
  const clock: Clock = { now: () => nowMs, elapsed: () => nowMs, sleep: async () => {} }
  return new StreamKeys(
    { clock, random: systemRandom, wrapper, onProblem: (_, problem) => problems.push(problem) },
    stream,
  )
}

/** Has a key made and put into the definition, as a start of encryption does. */
async function enable(keys: StreamKeys, key: MasterKey) {
  const made = await keys.make(key)
  stream = { ...stream, encryption: enabled(stream.encryption, made) }
  keys.update(stream)
  return made
}

/** Opens the keys of a stream that was encrypted by an earlier process. */
async function openEncrypted() {
  const made = await enable(open(), owned)
  return { keys: open(), id: made.id }
}

test("Records are stored in the clear until the first key is there, then sealed, and in the clear after a stop", async () => {
  const keys = open()
  assert.deepEqual(keys.sealing, { kind: "clear" })
  const { id } = await enable(keys, owned)
  assert.match(id, /^[0-9a-f]{32}$/)
  assert.equal(keys.prepare(), undefined)
  assert.ok(keys.sealing.kind === "sealed")
  assert.equal(keys.sealing.key.id, id)
  const { secret } = keys.sealing.key
  keys.update({ ...stream, encryption: afterDisabling(stream.encryption) })
  assert.deepEqual(keys.sealing, { kind: "clear" })
  assert.deepEqual((await keys.find(id)).secret, secret)
  assert.equal(wrapper.unwrapCount, 0)
})

test("While a key is changed the old one seals, then the new one, and both read", async () => {
  const { keys, id } = await openEncrypted()
  stream = { ...stream, encryption: enabling(stream.encryption, other, 0) }
  keys.update(stream)
  await keys.prepare()
  assert.ok(keys.sealing.kind === "sealed" && keys.sealing.key.id === id)
  const changed = await enable(keys, other)
  assert.ok(keys.sealing.kind === "sealed" && keys.sealing.key.id === changed.id)
  assert.equal((await keys.find(id)).id, id)
})

test("A key is unwrapped when it is first wanted, and once for all who want it", async () => {
  const { keys, id } = await openEncrypted()
  assert.equal(wrapper.unwrapCount, 0)
  assert.equal(keys.sealing.kind, "unavailable")
  assert.deepEqual(await Promise.all([keys.prepare(), keys.prepare(), keys.find(id).then(() => undefined)]), [
    undefined,
    undefined,
    undefined,
  ])
  assert.equal(keys.sealing.kind, "sealed")
  assert.equal(wrapper.unwrapCount, 1)
})

test("A key is looked at again after five minutes, and forgotten once it is refused", async () => {
  const { keys, id } = await openEncrypted()
  await keys.prepare()
  const refused = new KeyRefusedError("disabled", "It is disabled")
  wrapper.trouble = refused
  nowMs = 5 * minuteMs - 1
  assert.equal(keys.prepare(), undefined)
  await keys.settled()
  assert.equal(keys.sealing.kind, "sealed")
  nowMs = 5 * minuteMs
  // Whoever comes first does not wait for the look.
  assert.equal(keys.prepare(), undefined)
  await keys.settled()
  assert.deepEqual(keys.sealing, { kind: "unavailable", reason: "It is disabled" })
  assert.equal(await keys.prepare(), refused)
  assert.equal(keys.problem, refused)
  await assert.rejects(keys.find(id), refused)
  assert.deepEqual(problems, [refused])
})

test("A refused key is asked for again ten seconds later, and works when it may be used again", async () => {
  const { keys } = await openEncrypted()
  wrapper.trouble = new KeyRefusedError("access-denied", "No")
  assert.equal(await keys.prepare(), wrapper.trouble)
  wrapper.trouble = undefined
  nowMs = 9_999
  assert.ok(await keys.prepare())
  assert.equal(wrapper.unwrapCount, 1)
  nowMs = 10_000
  assert.equal(await keys.prepare(), undefined)
  assert.equal(keys.problem, undefined)
  assert.equal(keys.sealing.kind, "sealed")
})

test("A key that is at hand goes on while nobody can be asked; one that is not can't be had", async () => {
  const { keys, id } = await openEncrypted()
  await keys.prepare()
  const away = new KeyUnreachableError("Away")
  wrapper.trouble = away
  for (nowMs = 0; nowMs < 60 * minuteMs; nowMs += minuteMs) {
    assert.equal(keys.prepare(), undefined)
    assert.equal((await keys.find(id)).id, id)
    await keys.settled()
  }
  assert.ok(problems.length > 10)
  assert.equal(await open().prepare(), away)
})

test("Whatever fails while a key is asked for is no refusal", async () => {
  const { keys } = await openEncrypted()
  const cause = new TypeError("a mistake")
  wrapper.unwrap = () => Promise.reject(cause)
  const problem = await keys.prepare()
  assert.ok(problem instanceof KeyUnreachableError)
  assert.equal(problem.cause, cause)
  assert.deepEqual(problems, [problem])
})

test("A key that could not be made is told, and nothing changes", async () => {
  const keys = open()
  wrapper.trouble = new KeyRefusedError("not-found", "None")
  await assert.rejects(keys.make(other), wrapper.trouble)
  assert.deepEqual(problems, [wrapper.trouble])
  assert.deepEqual(keys.sealing, { kind: "clear" })
})

test("A data key that the definition does not have is told by its id", async () => {
  const missing = open().find("0123")
  await assert.rejects(missing, KeyUnavailableError)
  await assert.rejects(missing, /"0123", which its definition does not have: restore the definition$/)
})
