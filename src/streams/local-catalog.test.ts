import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { type Disk, writeSealedFile } from "../platform/index.ts"
import { createSimulatedRandom, Life, SimulatedDisk } from "../platform/simulated/index.ts"
import type { NewStream } from "./catalog.ts"
import type { EncryptionState, MasterKey, StreamEncryption } from "./definition.ts"
import { openLocalCatalog } from "./local-catalog.ts"

let disk: SimulatedDisk
let life: Life
let mounted: Disk
let nowMs: number

beforeEach(() => {
  disk = new SimulatedDisk({ random: createSimulatedRandom(7) })
  nowMs = 1_000
})

/** Opens the catalog in a new life of the process. */
function open(streamsMax = 10) {
  life = new Life()
  mounted = disk.mount(life)
  const clock = { now: () => nowMs, elapsed: () => nowMs, sleep: async () => {} }
  const identity = { partition: "aws", region: "eu-west-1", accountId: "123456789012" }
  return openLocalCatalog({
    disk: mounted,
    folder: "/catalog",
    clock,
    random: createSimulatedRandom(nowMs),
    identity,
    streamsMax,
  })
}

function stream(name: string): NewStream {
  return {
    name,
    destination: { id: "destinationId-000000000001", kind: "s3", configuration: { BucketARN: "arn:aws:s3:::b" } },
    tags: [{ key: "team" }, { key: "x", value: "" }],
    throughputHintInMBs: 3,
  }
}

test("a stream is CREATING at version 1, and the same after a restart", async () => {
  const catalog = await open()
  const outcome = await catalog.create(stream("orders"))
  assert.ok(outcome.kind === "created")
  const { uid, ...made } = outcome.stream
  assert.match(uid, /^orders-[0-9a-f]{12}$/)
  assert.deepEqual(made, {
    ...stream("orders"),
    arn: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/orders",
    type: "DirectPut",
    status: { kind: "CREATING" },
    version: 1,
    createdMs: 1_000,
    deliveryEnabled: true,
    encryption: { state: { status: "DISABLED" }, dataKeys: [], changesMs: [] },
    partitionCount: 1,
  })
  disk.crash("power")
  assert.deepEqual((await open()).find("orders"), outcome.stream)
})

test("a name can be taken once, also by creates that come together", async () => {
  const catalog = await open()
  const outcomes = await Promise.all([catalog.create(stream("a")), catalog.create(stream("a"))])
  assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ["created", "in-use"])
})

test("no more streams than there may be", async () => {
  const catalog = await open(2)
  const outcomes = await Promise.all(["a", "b", "c"].map((name) => catalog.create(stream(name))))
  assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ["created", "created", "limit"])
})

test("streams are listed in the order of their code units", async () => {
  const catalog = await open()
  for (const name of ["b", "B", "a-", "a"]) await catalog.create(stream(name))
  assert.deepEqual(
    catalog.list().map(({ name }) => name),
    ["B", "a", "a-", "b"],
  )
})

test("changes of one stream happen one after the other, and a refused one changes nothing", async () => {
  const catalog = await open()
  await catalog.create(stream("a"))
  const seen: (number | undefined)[] = []
  catalog.onChange((now) => seen.push(now?.version))
  const refused = catalog.change("a", () => {
    throw new Error("no")
  })
  const changed = Array.from({ length: 5 }, () => catalog.change("a", (now) => ({ ...now, version: now.version + 1 })))
  await assert.rejects(refused, /^Error: no$/)
  await Promise.all(changed)
  assert.deepEqual(seen, [2, 3, 4, 5, 6])
  disk.crash("power")
  assert.equal((await open()).find("a")?.version, 6)
})

const ownedKey: MasterKey = { type: "AWS_OWNED_CMK" }
const customerKey: MasterKey = { type: "CUSTOMER_MANAGED_CMK", arn: "arn:aws:kms:eu-west-1:123456789012:key/k" }
const failure = { type: "KMS_ACCESS_DENIED", details: "Not for you" }
const encryptionStates: readonly EncryptionState[] = [
  { status: "DISABLED" },
  { status: "ENABLING", key: ownedKey, before: undefined },
  { status: "ENABLING", key: customerKey, before: ownedKey },
  { status: "ENABLED", key: customerKey },
  { status: "ENABLING_FAILED", key: customerKey, before: undefined, failure },
  { status: "ENABLING_FAILED", key: ownedKey, before: customerKey, failure },
  { status: "DISABLING", key: ownedKey },
]

for (const state of encryptionStates) {
  const before = "before" in state ? ` ${state.before?.type ?? "in the clear"}` : ""
  test(`the keys of a stream that is ${state.status}${before} are the same after a restart`, async () => {
    const catalog = await open()
    await catalog.create(stream("a"))
    const dataKeys = [ownedKey, customerKey].map((key) => ({ id: "0f".repeat(16), key, wrapped: `${key.type}==` }))
    const encryption: StreamEncryption = { state, dataKeys, changesMs: [1_000, 2_000] }
    await catalog.change("a", (current) => ({ ...current, encryption }))
    disk.crash("power")
    assert.deepEqual((await open()).find("a")?.encryption, encryption)
  })
}

test("a stream that was stored before streams could be encrypted is not encrypted", async () => {
  const outcome = await (await open()).create(stream("a"))
  assert.ok(outcome.kind === "created")
  const { status: _, encryption: __, ...rest } = outcome.stream
  await writeSealedFile(mounted, `/catalog/${outcome.stream.uid}.json`, { ...rest, status: "ACTIVE" })
  assert.deepEqual((await open()).find("a")?.encryption, { state: { status: "DISABLED" }, dataKeys: [], changesMs: [] })
})

test("a change of a stream that is not there answers so", async () => {
  assert.equal(await (await open()).change("a", (now) => now), undefined)
})

test("a removed stream stays away, and its name is free", async () => {
  const catalog = await open()
  await catalog.create(stream("a"))
  await catalog.remove("a")
  disk.crash("power")
  const again = await open()
  assert.deepEqual(again.list(), [])
  assert.equal((await again.create(stream("a"))).kind, "created")
})

test("a create that could not be made durable is refused, and the next one of its name counts", async () => {
  const catalog = await open()
  disk.failNext("syncFolder")
  await assert.rejects(catalog.create(stream("a")))
  assert.equal(catalog.find("a"), undefined)
  nowMs = 2_000
  const outcome = await catalog.create(stream("a"))
  assert.ok(outcome.kind === "created")
  disk.crash("process")
  const again = await open()
  assert.deepEqual(again.list(), [outcome.stream])
  disk.crash("process")
  assert.deepEqual((await open()).list(), [outcome.stream])
})

test("a definition that cannot be read stops the start and is named", async () => {
  const catalog = await open()
  await catalog.create(stream("a"))
  const [file] = disk.files
  assert.ok(file)
  for (const offset of [3, 9, 30, file.sizeBytes - 3]) {
    disk.flipBit(file.path, offset, 2)
    await assert.rejects(
      open(),
      (error: Error) => error.message.includes(file.path) && /move it away/.test(error.message),
    )
    disk.flipBit(file.path, offset, 2)
  }
  assert.equal((await open()).list().length, 1)
})

test("a definition of another shape is refused by what is wrong with it", async () => {
  await open()
  await writeSealedFile(mounted, "/catalog/x.json", { uid: "x", name: 1 })
  await assert.rejects(open(), /can not be converted to an String/)
})
