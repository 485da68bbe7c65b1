import assert from "node:assert/strict"
import { readFile, writeFile } from "node:fs/promises"
import { type TestContext, test } from "node:test"
import { crc32 } from "node:zlib"
import fc from "fast-check"
import type { Clock, Random } from "../../platform/index.ts"
import { type Damage, type FrameKey, type FrameKeys, KeyUnavailableError, type SealingState } from "../log.ts"
import { batch, readAll, TestLog } from "./testing.ts"

const firstKey: FrameKey = { id: "00112233445566778899aabbccddeeff", secret: Buffer.alloc(32, 1) }
const secondKey: FrameKey = { id: "ffeeddccbbaa99887766554433221100", secret: Buffer.alloc(32, 2) }

/** Keys that a test can change and take away. */
class TestKeys implements FrameKeys {
  sealing: SealingState
  readonly known = new Map([firstKey, secondKey].map((key) => [key.id, key]))

  constructor(sealing: SealingState = { kind: "sealed", key: firstKey }) {
    this.sealing = sealing
  }

  async find(id: string): Promise<FrameKey> {
    const key = this.known.get(id)
    if (key === undefined) throw new KeyUnavailableError(`There is no key "${id}"`)
    return key
  }
}

async function makeLog(context: TestContext) {
  return { log: await TestLog.make(context), keys: new TestKeys() }
}

test("what was sealed comes back, also after the log is opened again, and never stands in a file in the clear", async (context) => {
  const { log, keys } = await makeLog(context)
  const records = Array.from({ length: 40 }, (_, index) => `MARKER ${index} ${"MARKER".repeat(index * 7)}`)
  // Each one whole, since each write goes by way of a buffer that the ones before it have used.
  let partition = await log.open({ keys })
  for (const record of records) assert.ok((await partition.append(batch(record, "MARKER"))).sealed)
  const expected = records.flatMap((record) => [record, "MARKER"])
  assert.deepEqual((await readAll(partition)).records, expected)
  await log.stop()
  assert.ok((await log.segments()).length > 3)
  for (const content of await log.contents()) assert.equal(content.indexOf("MARKER"), -1)
  partition = await log.open({ keys })
  assert.deepEqual(await readAll(partition), { records: expected, lost: 0 })
})

test("a change of the key, or of sealing at all, holds from the next group on, and all is read", async (context) => {
  const { log, keys } = await makeLog(context)
  const partition = await log.open({ keys, limits: { segmentBytesMax: 1_000_000 } })
  const states: SealingState[] = [
    { kind: "clear" },
    { kind: "sealed", key: firstKey },
    { kind: "sealed", key: secondKey },
    { kind: "clear" },
  ]
  const sealed: boolean[] = []
  for (const [index, state] of states.entries()) {
    keys.sealing = state
    for (const part of ["a", "b"]) sealed.push((await partition.append(batch(`record ${index}${part}`))).sealed)
  }
  assert.deepEqual(sealed, [false, false, true, true, true, true, false, false])
  const holdsText = (await log.contents()).map((content) => content.includes("record"))
  assert.deepEqual(holdsText, [true, false, false, true])
  assert.deepEqual((await readAll(partition)).records.length, 8)
})

test("a segment that holds no record yet is not written in the clear once records must be sealed", async (context) => {
  const { log, keys } = await makeLog(context)
  keys.sealing = { kind: "clear" }
  const partition = await log.open({ keys, limits: { segmentBytesMax: 64 * 1024 * 1024 } })
  await partition.append(batch("x".repeat(2 * 1024 * 1024)))
  await partition.trim(partition.end)
  keys.sealing = { kind: "sealed", key: firstKey }
  await partition.append(batch("MARKER"))
  for (const content of await log.contents()) assert.equal(content.indexOf("MARKER"), -1)
})

test("without a key to seal with, appends are refused and nothing is written; with it they go on", async (context) => {
  const { log, keys } = await makeLog(context)
  const partition = await log.open({ keys })
  await partition.append(batch("before"))
  const stored = await log.contents()
  keys.sealing = { kind: "unavailable", reason: "the key is disabled" }
  await assert.rejects(partition.append(batch("refused")), {
    name: "AppendError",
    kind: "key",
    message: /Cannot seal records.*the key is disabled/,
  })
  assert.deepEqual(await log.contents(), stored)
  keys.sealing = { kind: "sealed", key: firstKey }
  assert.equal((await partition.append(batch("after"))).position, 1)
})

test("reading without the key fails and is no damage; opening the log needs none, and reading goes on with it", async (context) => {
  const { log, keys } = await makeLog(context)
  await (await log.open({ keys })).append(batch("a", "b"))
  await log.stop()
  keys.known.clear()
  const partition = await log.open({ keys })
  assert.equal(partition.end, 2)
  await assert.rejects(readAll(partition), KeyUnavailableError)
  keys.known.set(firstKey.id, firstKey)
  assert.deepEqual(await readAll(partition), { records: ["a", "b"], lost: 0 })
})

test("a frame whose checksum is right and whose tag is not is damage, and the next one is read", async (context) => {
  const { log, keys } = await makeLog(context)
  const wrongKey = { ...firstKey, secret: Buffer.alloc(32, 9) }
  await (await log.open({ keys })).append(batch("a", "b"))
  await log.stop()
  await (await log.open({ keys: new TestKeys({ kind: "sealed", key: secondKey }) })).append(batch("c"))
  await log.stop()
  keys.known.set(firstKey.id, wrongKey)
  const partition = await log.open({ keys })
  const damage: Damage[] = []
  for await (const piece of partition.read(partition.start, partition.end)) damage.push(...piece.damage)
  assert.match(damage[0]?.reason ?? "", /^bytes 136 to \d+ of segment .* are not what was sealed/)
  assert.deepEqual(await readAll(partition), { records: ["c"], lost: 2 })
})

test("a record that somebody changed, checksums and all, is told as damage and not given", async (context) => {
  const { log, keys } = await makeLog(context)
  const partition = await log.open({ keys })
  await partition.append(batch("changed"))
  await partition.append(batch("kept"))
  const [file = ""] = await log.segments()
  const content = await readFile(file)
  const frame = content.subarray(136, 136 + content.readUInt32LE(136 + 12))
  const inRecord = frame.length - 20
  frame.writeUInt8(frame.readUInt8(inRecord) ^ 1, inRecord)
  frame.writeUInt32LE(crc32(frame.subarray(48)), 8)
  frame.writeUInt32LE(crc32(frame.subarray(8, 48)), 4)
  await writeFile(file, content)
  assert.deepEqual(await readAll(partition), { records: ["kept"], lost: 1 })
})

test("whatever is appended, sealed or not, the same records come back", async (context) => {
  const anyPut = fc.record({
    records: fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
    key: fc.constantFrom(undefined, firstKey, secondKey),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anyPut, { maxLength: 10 }), async (puts) => {
      const { log, keys } = await makeLog(context)
      const partition = await log.open({ keys })
      for (const { records, key } of puts) {
        keys.sealing = key === undefined ? { kind: "clear" } : { kind: "sealed", key }
        await partition.append(batch(...records))
      }
      const expected = { records: puts.flatMap(({ records }) => records), lost: 0 }
      assert.deepEqual(await readAll(partition), expected)
      await log.stop()
      assert.deepEqual(await readAll(await log.open({ keys })), expected)
    }),
    { numRuns: 20 },
  )
})

/** What is written under these is the same in every run. */
const fixedClock: Clock = { now: () => 1_700_000_000_000, elapsed: () => 0, sleep: async () => undefined }
const fixedRandom: Random = { bytes: (count) => Buffer.alloc(count, 7), uuid: () => "unused", fraction: () => 0 }

/** Segments as they must be readable for ever: "one" and "two" in a frame, "three" in another. */
const golden = {
  clear:
    "485944525345473200000000000000000068e5cf8b01000007070707000000000000000000000000000000000000000000000000000000000000000000000000965c334d485944525345473200000000000000000068e5cf8b01000007070707000000000000000000000000000000000000000000000000000000000000000000000000965c334d485946318280b560f9c73e7b3e000000020000000707070700000000000000000068e5cf8b010000880000000000000003000000030000006f6e6574776f485946312c182f94097e792c39000000010000000707070702000000000000000068e5cf8b010000c60000000000000005000000746872656548594452454e44310300000000000000ff0000000000000007070707c642390e",
  sealed:
    "485944525345473200000000000000000068e5cf8b010000070707070100000000112233445566778899aabbccddeeff0707070707070707070707070707070766c89471485944525345473200000000000000000068e5cf8b010000070707070100000000112233445566778899aabbccddeeff0707070707070707070707070707070766c89471485953317fdbd7a09fc99eb25a000000020000000707070700000000000000000068e5cf8b0100008800000000000000070707070707070707070707989a8398b7b4b34e9138fd91221116a95bd9095fa95823f331478719a08e48595331930382ae56bc8d9255000000010000000707070702000000000000000068e5cf8b010000e2000000000000000707070707070707070707079e9a8398c0dcc12b9b3e473dd3aaa7380375ad21558fa2fb7148594452454e44310300000000000000370100000000000007070707e8331f99",
  beforeSealing:
    "485944525345473100000000000000000068e5cf8b01000007070707b66b7fe348594631bb7c1d19f9c73e7b3e000000020000000707070700000000000000000068e5cf8b010000200000000000000003000000030000006f6e6574776f4859463168b74a68097e792c39000000010000000707070702000000000000000068e5cf8b0100005e00000000000000050000007468726565",
}

test("a segment is written byte for byte as it always was, in the clear and sealed", async (context) => {
  const sealings: ["clear" | "sealed", SealingState][] = [
    ["clear", { kind: "clear" }],
    ["sealed", { kind: "sealed", key: firstKey }],
  ]
  for (const [name, sealing] of sealings) {
    const log = await TestLog.make(context)
    const partition = await log.open({ keys: new TestKeys(sealing), clock: fixedClock, random: fixedRandom })
    await partition.append(batch("one", "two"))
    await partition.append(batch("three"))
    await log.stop()
    const [content] = await log.contents()
    assert.equal(content?.toString("hex"), golden[name])
  }
})

test("segments of every version that ever was are read", async (context) => {
  for (const content of Object.values(golden)) {
    const { log, keys } = await makeLog(context)
    await (await log.open({ keys })).append(batch("one", "two"))
    await log.stop()
    const [file = ""] = await log.segments()
    await writeFile(file, Buffer.from(content, "hex"))
    const partition = await log.open({ keys })
    assert.deepEqual(await readAll(partition), { records: ["one", "two", "three"], lost: 0 })
    assert.deepEqual(log.notes, [])
  }
})
