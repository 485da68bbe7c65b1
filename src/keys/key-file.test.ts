import assert from "node:assert/strict"
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { systemDisk, systemRandom } from "../platform/index.ts"
import { createSimulatedRandom, Life, SimulatedDisk } from "../platform/simulated/index.ts"
import type { MasterKey, WrappedDataKey } from "../streams/index.ts"
import { KeyRefusedError, KeyUnreachableError } from "./key-errors.ts"
import { isWrappedByFile, KeyFile } from "./key-file.ts"

const stream = "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders"
const owned: MasterKey = { type: "AWS_OWNED_CMK" }
const customer: MasterKey = { type: "CUSTOMER_MANAGED_CMK", arn: "arn:aws:kms:us-east-1:000000000000:key/k" }
const line = (byte: number) => Buffer.alloc(32, byte).toString("base64")

async function openKeyFile(t: TestContext, mayBeMade = true) {
  const folder = await mkdtemp(path.join(tmpdir(), "hydrant-keys-"))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, "keys", "encryption.keys")
  await systemDisk.makeFolder(path.dirname(file))
  const keyFile = new KeyFile({ disk: systemDisk, random: systemRandom, file, mayBeMade: () => mayBeMade })
  return { keyFile, file }
}

async function makeDataKey(keyFile: KeyFile, key = owned) {
  const { secret, wrapped } = await keyFile.generate(key, stream)
  return { secret, dataKey: { id: "1", key, wrapped } }
}

test("The file is made when a key is first wanted, and nobody else may read it", async (t) => {
  const { keyFile, file } = await openKeyFile(t)
  assert.equal(await keyFile.held(), undefined)
  const made = await Promise.all([makeDataKey(keyFile), makeDataKey(keyFile, customer)])
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  for (const { dataKey, secret } of made) {
    assert.equal(secret.byteLength, 32)
    assert.deepEqual(await keyFile.unwrap(dataKey, stream), secret)
    assert.ok((await keyFile.held())?.(dataKey))
    assert.ok(isWrappedByFile(dataKey))
  }
  assert.ok(!(await readFile(file)).includes(made[0].dataKey.wrapped))
})

test("A data key is unwrapped for its own stream and master key only, and not when a bit of it is flipped", async (t) => {
  const { keyFile } = await openKeyFile(t)
  const { dataKey } = await makeDataKey(keyFile)
  const bytes = Buffer.from(dataKey.wrapped, "base64")
  const flipped = [...bytes.keys()].map((index) => {
    const copy = Buffer.from(bytes)
    copy[index] = (copy[index] ?? 0) ^ 4
    return { ...dataKey, wrapped: copy.toString("base64") }
  })
  for (const other of [{ ...dataKey, key: customer }, ...flipped]) {
    await assert.rejects(keyFile.unwrap(other, stream), KeyRefusedError)
  }
  await assert.rejects(keyFile.unwrap(dataKey, `${stream}2`), /restore the stream's definition$/)
})

test("A key above the others wraps from then on, and the others unwrap what they wrapped", async (t) => {
  const { keyFile, file } = await openKeyFile(t)
  await writeFile(file, `# ours\n${line(1)}\n`)
  const first = await makeDataKey(keyFile)
  await writeFile(file, `${line(2)}\r\n\n  ${line(1)}`)
  const second = await makeDataKey(keyFile)
  assert.deepEqual(await keyFile.unwrap(first.dataKey, stream), first.secret)
  await writeFile(file, line(2))
  assert.deepEqual(await keyFile.unwrap(second.dataKey, stream), second.secret)
  const held = await keyFile.held()
  assert.deepEqual([held?.(first.dataKey), held?.(second.dataKey)], [false, true])
  await assert.rejects(keyFile.unwrap(first.dataKey, stream), refusedAs("KMSKeyNotFound", /restore it from its copy/))
})

test("A file that is lost is never made anew while it is needed", async (t) => {
  const { keyFile, file } = await openKeyFile(t, false)
  await assert.rejects(makeDataKey(keyFile), refusedAs("KMSKeyNotFound", /does not hold the key that streams are enc/))
  await assert.rejects(stat(file), { code: "ENOENT" })
})

const unusable: readonly [string, string, RegExp][] = [
  ["is empty", "", /it holds no key/],
  ["has a short key", `${line(1)}\n${Buffer.alloc(31).toString("base64")}`, /line 2 is not 32 bytes in Base64/],
  ["was cut", line(1).slice(0, -2), /line 1 is not 32 bytes in Base64/],
  ["is something else", "-----BEGIN PRIVATE KEY-----", /line 1 is not 32 bytes in Base64/],
]
for (const [what, content, message] of unusable) {
  test(`A file that ${what} is refused with what is wrong, and left as it is`, async (t) => {
    const { keyFile, file } = await openKeyFile(t)
    await writeFile(file, content)
    await assert.rejects(makeDataKey(keyFile), refusedAs("KMSKeyInvalidState", message))
    await assert.rejects(keyFile.held(), message)
    assert.equal(await readFile(file, "utf8"), content)
  })
}

test("A disk that fails says nothing of the key", async () => {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
  const options = { disk: disk.mount(new Life()), random: createSimulatedRandom(2), mayBeMade: () => true }
  const keyFile = new KeyFile({ ...options, file: "/keys/encryption.keys" })
  disk.failNext("syncFolder")
  await assert.rejects(makeDataKey(keyFile), KeyUnreachableError)
  const { dataKey } = await makeDataKey(keyFile)
  disk.failNext("open")
  await assert.rejects(keyFile.unwrap(dataKey, stream), KeyUnreachableError)
  disk.crash("power")
  const again = new KeyFile({ ...options, disk: disk.mount(new Life()), file: "/keys/encryption.keys" })
  assert.equal((await again.unwrap(dataKey, stream)).byteLength, 32)
})

test("What KMS wrapped is not taken for a key of the file", async (t) => {
  const { keyFile } = await openKeyFile(t)
  const dataKey: WrappedDataKey = { id: "1", key: customer, wrapped: Buffer.alloc(184, 1).toString("base64") }
  assert.ok(!isWrappedByFile(dataKey))
  await assert.rejects(keyFile.unwrap(dataKey, stream), /set kms-endpoint again, and kms to remote$/)
})

function refusedAs(metric: string, message: RegExp) {
  return (error: unknown) =>
    error instanceof KeyRefusedError && error.names.metric === metric && message.test(error.message)
}
