import assert from "node:assert/strict"
import fs from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { systemDisk, systemRandom } from "../../platform/index.ts"
import { createSimulatedRandom, type DiskOperation, Life, SimulatedDisk } from "../../platform/simulated/index.ts"
import { objectStoreContract } from "../object-store.contract.ts"
import type { ObjectStore, ObjectToPut } from "../store.ts"
import { createFolderStore } from "./folder-store.ts"
import { pathOfKey } from "./place.ts"

objectStoreContract("The folder store", async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-objects-"))
  const store = await createFolderStore({ disk: systemDisk, folder, random: systemRandom })
  const bucket = path.join(folder, "a-bucket")
  return {
    store,
    bucket: "a-bucket",
    read: (key) => fs.readFile(path.join(bucket, ...pathOfKey(key))).catch(unlessNotThere),
    list: async () => (await fs.readdir(bucket, { recursive: true }).catch(unlessNotThere)) ?? [],
    async close() {
      await store.close()
      // Whatever the suite did: nothing is left of attempts, and nothing was written outside of the bucket.
      assert.deepEqual((await fs.readdir(folder)).sort(), [".incoming~", "a-bucket"])
      assert.deepEqual(await fs.readdir(path.join(folder, ".incoming~")), [])
      await fs.rm(folder, { recursive: true })
    },
  }
})

const going = new AbortController().signal

test("A bucket whose name is no folder's is refused with what a name may be", async () => {
  const { disk, open } = simulation()
  const store = await open()
  for (const bucket of ["..", ".", "", "a/b", "../outside"]) {
    const outcome = await store.put(objectOf("key", "content", bucket), going)
    assert(outcome.kind === "later")
    assert.equal(outcome.code, "S3.NoSuchBucket")
    assert.equal(outcome.mayBeStored, false)
    assert.match(outcome.message, /a bucket's name has 1 to 255 letters, digits, "_", "-" and "."/)
  }
  assert.deepEqual(disk.files, [])
})

test("Objects that a crash left half written are removed when the store is opened", async () => {
  const { disk, open, life } = simulation()
  const mounted = disk.mount(life())
  await mounted.makeFolder("/data/buckets/.incoming~")
  await (await mounted.open("/data/buckets/.incoming~/half", "create")).close()
  await open()
  assert.deepEqual(disk.files, [])
})

test("An object and a folder of the same name: the later one is told to use another prefix", async () => {
  const { open } = simulation()
  const store = await open()
  assert.equal((await store.put(objectOf("a", "1"), going)).kind, "stored")
  assert.equal((await store.put(objectOf("b/c", "2"), going)).kind, "stored")
  for (const key of ["a/b", "a/b/c", "b"]) {
    const outcome = await store.put(objectOf(key, "3"), going)
    assert(outcome.kind === "later")
    assert.equal(outcome.mayBeStored, false)
    assert.match(
      outcome.message,
      /cannot have an? (object|folder) where it has an? (object|folder).*use another prefix/,
    )
  }
})

const failures = [
  { kind: "create", code: "EACCES", expected: { code: "S3.AccessDenied", mayBeStored: false } },
  { kind: "makeFolder", code: "EROFS", expected: { code: "S3.AccessDenied", mayBeStored: false } },
  { kind: "write", code: "ENOSPC", expected: { code: "InternalError", mayBeStored: false } },
  { kind: "write", code: "EIO", expected: { code: "InternalError", mayBeStored: false } },
  { kind: "sync", code: "EIO", expected: { code: "InternalError", mayBeStored: false } },
  { kind: "rename", code: "EXDEV", expected: { code: "InternalError", mayBeStored: false } },
  { kind: "rename", code: "EIO", expected: { code: "InternalError", mayBeStored: true } },
  { kind: "syncFolder", code: "EIO", expected: { code: "InternalError", mayBeStored: true } },
] as const

for (const { kind, code, expected } of failures) {
  test(`When the disk answers a ${kind} with ${code}, the object is for later, and the next attempt stores it`, async () => {
    const { disk, open } = simulation()
    const store = await open()
    const settled = kind === "syncFolder"
    if (settled) await store.put(objectOf("folder/other", "settles the folder"), going)
    disk.failNext(kind, code)
    const outcome = await store.put(objectOf(kind === "makeFolder" ? "new/key" : "folder/key", "content"), going)
    assert(outcome.kind === "later")
    assert.deepEqual({ code: outcome.code, mayBeStored: outcome.mayBeStored }, expected)
    assert.match(outcome.message, new RegExp(`^Cannot store ".*/key" in bucket "a-bucket": .*${code}`))
    assert.deepEqual(await store.put(objectOf("folder/key", "content"), going), { kind: "stored", sizeBytes: 7 })
    assert(disk.files.every(({ path }) => !path.includes(".incoming~")))
  })
}

test("A full disk is named as such, and what to do", async () => {
  const { disk, open } = simulation()
  const store = await open()
  disk.capacityBytes = 100_000
  const outcome = await store.put(objectOf("key", "x".repeat(200_000)), going)
  assert(outcome.kind === "later")
  assert.match(outcome.message, /the disk is full; free some space/)
  assert.deepEqual(disk.files, [])
})

test("Folders that somebody removes while the store is open are made again", async () => {
  const { disk, open, life } = simulation()
  const store = await open()
  await store.put(objectOf("folder/key", "content"), going)
  await disk.mount(life()).removeFolder("/data/buckets")
  const outcome = await store.put(objectOf("folder/key", "content"), going)
  assert(outcome.kind === "later")
  assert.equal(outcome.mayBeStored, false)
  assert.match(outcome.message, /a folder was removed meanwhile/)
  assert.equal((await store.put(objectOf("folder/key", "content"), going)).kind, "stored")
})

test("A store whose folder cannot be written to does not open", async () => {
  const { disk, open } = simulation()
  disk.readOnly = true
  await assert.rejects(open(), /^Error: Cannot open the object folder "\/data\/buckets": .*mounted read-only.*EROFS/)
})

test("Whenever the process or the power fails, what was answered as stored stays, and what is there is whole", async () => {
  const operationCount = await crashing(() => {})
  assert(operationCount > 20)
  for (let number = 1; number <= operationCount; number++) {
    for (const kind of ["process", "power"] as const) {
      await crashing((disk) => disk.crashAt("before", number, kind))
      await crashing((disk) => disk.crashAt("after", number, kind))
    }
  }
})

test("Folders that an earlier process made are synced, once, before the first object in them", async () => {
  const operations: string[] = []
  const { open } = simulation(({ kind, path }) => operations.push(`${kind} ${path}`))
  await (await open()).put(objectOf("2026/first", "content"), going)
  operations.length = 0

  // That process may have been killed between making a folder and syncing its name.
  const store = await open()
  await store.put(objectOf("2026/second", "content"), going)
  await store.put(objectOf("2026/third", "content"), going)
  const renamed = operations.findIndex((operation) => operation.startsWith("rename "))
  for (const folder of ["/data", "/data/buckets", "/data/buckets/a-bucket"]) {
    const synced = operations.indexOf(`syncFolder ${folder}`)
    assert(synced >= 0 && synced < renamed, folder)
    assert(!operations.includes(`syncFolder ${folder}`, renamed), folder)
  }
})

/**
 * Puts some objects until a crash, puts some more in the next life until the power fails, and looks each time at what is
 * left. Answers how many operations the first life had.
 */
async function crashing(arrange: (disk: SimulatedDisk) => void): Promise<number> {
  const { disk, open, life } = simulation()
  arrange(disk)
  const stored = new Map<string, string>()
  const put = async (store: ObjectStore, key: string, content: string) => {
    const outcome = await store.put(objectOf(key, content), going)
    if (outcome.kind === "stored") stored.set(key, content)
  }

  const first = life()
  const work = async () => {
    const store = await open(first)
    await Promise.all(["2026/07/a", "2026/07/b", "2026/08/c"].map((key) => put(store, key, "first content")))
    await put(store, "2026/07/a", "second content")
  }
  await Promise.race([work(), first.ended])
  const { operationCount } = disk
  if (!first.over) disk.crash()

  const store = await open()
  assertStored(await contents(disk, life()), stored)
  await put(store, "2026/07/a", "third content")
  await put(store, "2026/08/c", "third content")
  assert.equal(stored.get("2026/08/c"), "third content")
  disk.crash()

  await open()
  assertStored(await contents(disk, life()), stored)
  return operationCount
}

/** All files, by their paths in the bucket. */
async function contents(disk: SimulatedDisk, life: Life): Promise<Map<string, string>> {
  const mounted = disk.mount(life)
  const found = new Map<string, string>()
  for (const { path: file, sizeBytes } of disk.files) {
    const content = Buffer.alloc(sizeBytes)
    await (await mounted.open(file, "read")).read(content, 0)
    found.set(path.relative("/data/buckets/a-bucket", file), content.toString())
  }
  return found
}

/** An attempt whose answer nobody got may have replaced an object, by a whole one. */
function assertStored(found: ReadonlyMap<string, string>, stored: ReadonlyMap<string, string>): void {
  for (const [file, content] of found) assert.match(content, /^(first|second|third) content$/, file)
  const order = ["first content", "second content", "third content"]
  for (const [key, content] of stored) {
    assert(order.indexOf(found.get(key) ?? "") >= order.indexOf(content), `${key} was answered as stored: ${content}`)
  }
}

/** A simulated disk, stores on it, and lives to use it in. */
function simulation(observe: (operation: DiskOperation) => void = () => {}) {
  const random = createSimulatedRandom(20_260_713)
  const disk = new SimulatedDisk({ random, observe })
  const life = () => new Life()
  const open = (used = life()) =>
    createFolderStore({ disk: disk.mount(used), folder: "/data/buckets", random: random.fork() })
  return { disk, open, life }
}

function objectOf(key: string, content: string, bucket = "a-bucket"): ObjectToPut {
  return {
    bucket,
    key,
    contentType: "application/octet-stream",
    encryption: { kind: "bucket-default" },
    async *body() {
      yield Buffer.from(content)
    },
  }
}

function unlessNotThere(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined
  throw error
}
