import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { after, before, describe, test } from "node:test"
import type { ObjectStore, ObjectToPut } from "./store.ts"

/** A store to be tested, and a way to look into it that does not go through it. */
export interface StoreUnderTest {
  readonly store: ObjectStore
  /** A bucket that objects can be put in. */
  readonly bucket: string
  /** The content of an object as its readers find it; undefined when there is none. */
  read(key: string): Promise<Buffer | undefined>
  /** What readers see in the bucket: a key, or another name, for each object. */
  list(): Promise<readonly string[]>
  close(): Promise<void>
}

/** What every object store does. Run by the test of each. */
export function objectStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name}, as every object store`, () => {
    let tested: StoreUnderTest
    before(async () => {
      tested = await make()
    })
    after(async () => {
      await tested.close()
    })

    const going = new AbortController().signal
    const object = (key: string, body: ObjectToPut["body"]): ObjectToPut => ({
      bucket: tested.bucket,
      key,
      contentType: "application/octet-stream",
      encryption: { kind: "bucket-default" },
      body,
    })

    for (const sizeBytes of [0, 1, 1_048_577, 8_388_608, 8_388_609, 30_000_000]) {
      test(`an object of ${sizeBytes} bytes is stored as it was given`, async () => {
        const content = randomBytes(sizeBytes)
        const key = `sizes/${sizeBytes}`
        assert.deepEqual(await tested.store.put(object(key, inChunks(content)), going), { kind: "stored", sizeBytes })
        assert((await tested.read(key))?.equals(content))
      })
    }

    test("a key is kept as it is, whatever it holds", async () => {
      const keys = [
        "a b+c&d=e?f#g",
        "ä/ö/ü/😀",
        "%2F%25",
        "a//b",
        "a/./b",
        "a/../b",
        "c/",
        "../../d",
        "z/..",
        "e'(!*)\"<>",
      ]
      for (const key of keys) {
        const outcome = await tested.store.put(object(key, inChunks(Buffer.from(key))), going)
        assert.equal(outcome.kind, "stored", JSON.stringify(outcome))
      }
      for (const key of keys) assert.equal((await tested.read(key))?.toString(), key)
    })

    test("an object that is put again is replaced, also by a shorter one", async () => {
      for (const content of [randomBytes(100_000), randomBytes(10)]) {
        await tested.store.put(object("again", inChunks(content)), going)
        assert((await tested.read("again"))?.equals(content))
      }
    })

    test("every attempt asks for the body anew", async () => {
      let asked = 0
      const repeated = object("anew", () => {
        asked += 1
        return inChunks(Buffer.from("once more"))()
      })
      for (const attempt of [1, 2, 3]) {
        assert.deepEqual(await tested.store.put(repeated, going), { kind: "stored", sizeBytes: 9 })
        assert.equal(asked, attempt)
      }
      assert.equal((await tested.read("anew"))?.toString(), "once more")
    })

    for (const sizeBytes of [0, 1000, 20_000_000]) {
      test(`a body that breaks after ${sizeBytes} bytes is for later, and nothing of it is seen`, async () => {
        const seenBefore = await tested.list()
        const broken = object(`broken/${sizeBytes}`, async function* () {
          yield* inChunks(randomBytes(sizeBytes))()
          throw new Error("segment 7 is damaged")
        })
        const outcome = await tested.store.put(broken, going)
        assert(outcome.kind === "later")
        assert.equal(outcome.mayBeStored, false)
        assert.equal(outcome.code, "InternalError")
        assert.match(outcome.message, /^Cannot store "broken\/\d+" in bucket ".*segment 7 is damaged/)
        assert.deepEqual(await tested.list(), seenBefore)
      })
    }

    for (const [sizeBytes, goesOn] of [
      [0, true],
      [1000, true],
      [1000, false],
      [20_000_000, true],
      [20_000_000, false],
    ] as const) {
      const whereTo = goesOn ? "and more would come" : "the last of them"
      test(`an attempt that is ended after ${sizeBytes} bytes, ${whereTo}, is for later and not seen`, async () => {
        const seenBefore = await tested.list()
        const ending = new AbortController()
        let closed = false
        const ended = object(`ended/${sizeBytes}`, async function* () {
          try {
            yield* inChunks(randomBytes(sizeBytes))()
            ending.abort()
            if (goesOn) yield* inChunks(randomBytes(100))()
          } finally {
            closed = true
          }
        })
        const outcome = await tested.store.put(ended, ending.signal)
        assert(outcome.kind === "later")
        assert.equal(outcome.mayBeStored, false)
        assert.match(outcome.message, /the attempt was ended/)
        assert(closed)
        assert.deepEqual(await tested.list(), seenBefore)
      })
    }

    test("an attempt that is ended before it begins is for later", async () => {
      const seenBefore = await tested.list()
      const outcome = await tested.store.put(object("never", inChunks(randomBytes(10))), AbortSignal.abort())
      assert(outcome.kind === "later")
      assert.equal(outcome.mayBeStored, false)
      assert.deepEqual(await tested.list(), seenBefore)
    })

    test("readers see the old object, whole, until the new one is there", async () => {
      const old = randomBytes(1000)
      await tested.store.put(object("replaced", inChunks(old)), going)
      const replacing = object("replaced", async function* () {
        for (let chunkCount = 0; chunkCount < 18; chunkCount++) {
          assert((await tested.read("replaced"))?.equals(old))
          yield Buffer.alloc(1_000_000)
        }
      })
      assert.equal((await tested.store.put(replacing, going)).kind, "stored")
      assert.equal((await tested.read("replaced"))?.byteLength, 18_000_000)
    })

    test("many objects are put at the same time", async () => {
      const contents = Array.from({ length: 40 }, (_, index) => randomBytes(index * 5000))
      const outcomes = await Promise.all(
        contents.map((content, index) => tested.store.put(object(`many/${index}/x`, inChunks(content)), going)),
      )
      assert.deepEqual(
        outcomes,
        contents.map((content) => ({ kind: "stored", sizeBytes: content.byteLength })),
      )
      for (const [index, content] of contents.entries()) assert((await tested.read(`many/${index}/x`))?.equals(content))
    })

    test("of objects that are put under one key at the same time, one is there whole", async () => {
      const contents = Array.from({ length: 10 }, () => randomBytes(300_000))
      await Promise.all(contents.map((content) => tested.store.put(object("contested", inChunks(content)), going)))
      const found = await tested.read("contested")
      assert(contents.some((content) => found?.equals(content)))
    })
  })
}

/** A body that gives `content` in chunks of 64 KiB, and overwrites each when the next one is asked for. */
function inChunks(content: Buffer): ObjectToPut["body"] {
  return async function* () {
    for (let offset = 0; offset < content.byteLength; offset += 65_536) {
      const chunk = Buffer.from(content.subarray(offset, offset + 65_536))
      yield chunk
      chunk.fill(0)
    }
  }
}
