import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { after, before, describe, test } from "node:test"
import { type ListedObject, type ObjectReader, ReadFailure } from "./reader.ts"
import type { ObjectStore } from "./store.ts"

/** A reader to be tested, and the store whose bucket it reads. */
export interface ReaderUnderTest {
  readonly reader: ObjectReader
  readonly store: ObjectStore
  readonly bucket: string
  /** A reader of a bucket that is not there. */
  readonly readerOfNone: ObjectReader
  close(): Promise<void>
}

/** What every reader does with what its store holds. Run by the test of each. */
export function objectReaderContract(name: string, make: () => Promise<ReaderUnderTest>): void {
  describe(`${name}, as every object reader`, () => {
    let tested: ReaderUnderTest
    before(async () => {
      tested = await make()
    })
    after(async () => {
      await tested.close()
    })

    const going = new AbortController().signal
    const put = async (key: string, content: Buffer | string) => {
      const bytes = Buffer.from(content)
      const outcome = await tested.store.put(
        {
          bucket: tested.bucket,
          key,
          contentType: "application/octet-stream",
          encryption: { kind: "bucket-default" },
          async *body() {
            if (bytes.byteLength > 0) yield bytes
          },
        },
        going,
      )
      assert.equal(outcome.kind, "stored", JSON.stringify(outcome))
    }
    const list = async (prefix: string) => {
      const listed: ListedObject[] = []
      for await (const object of tested.reader.list(prefix, going)) listed.push(object)
      return listed
    }
    const read = async (key: string) => {
      const { body } = await tested.reader.open(key, going)
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(Buffer.from(chunk))
      return Buffer.concat(chunks)
    }

    for (const sizeBytes of [0, 1, 300_000, 9_000_000]) {
      test(`an object of ${sizeBytes} bytes is listed and read`, async () => {
        const content = randomBytes(sizeBytes)
        const before = Date.now()
        await put(`sizes/${sizeBytes}`, content)
        const [listed, ...others] = (await list(`sizes/${sizeBytes}`)).filter(({ key }) => key === `sizes/${sizeBytes}`)
        assert.equal(others.length, 0)
        assert.equal(listed?.sizeBytes, sizeBytes)
        // S3 tells whole seconds.
        assert.ok(listed.modifiedMs > before - 2_000 && listed.modifiedMs < Date.now() + 2_000)
        assert.ok((await read(`sizes/${sizeBytes}`)).equals(content))
        assert.equal((await tested.reader.open(`sizes/${sizeBytes}`, going)).version, listed.version)
      })
    }

    test("keys are listed as they were put, whatever they hold", async () => {
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
        "%_",
        "x%+",
      ]
      for (const key of [...keys, `${"long".repeat(100)}/end`]) {
        await put(`odd/${key}`, key)
        const found = (await list(`odd/${key}`)).map((object) => object.key)
        assert.deepEqual(found, [`odd/${key}`])
        assert.equal((await read(`odd/${key}`)).toString(), key)
      }
      assert.deepEqual(
        (await list("odd/")).map(({ key }) => key).sort(),
        [...keys, `${"long".repeat(100)}/end`].map((key) => `odd/${key}`).sort(),
      )
    })

    test("a prefix is the beginning of a key, wherever it ends", async () => {
      for (const key of ["p/one/x", "p/one/y", "p/one-two", "p/other", "q"]) await put(key, "content")
      const keys = async (prefix: string) => (await list(prefix)).map(({ key }) => key).sort()
      assert.deepEqual(await keys("p/one"), ["p/one-two", "p/one/x", "p/one/y"])
      assert.deepEqual(await keys("p/one/"), ["p/one/x", "p/one/y"])
      assert.deepEqual(await keys("p/one/y"), ["p/one/y"])
      assert.deepEqual(await keys("p/none"), [])
      assert.deepEqual(await list("p/"), await list("p/"), "in the same order each time")
    })

    test("an object that is replaced has another version", async () => {
      await put("replaced", "old content")
      const [old] = await list("replaced")
      await put("replaced", "other content")
      const [fresh] = await list("replaced")
      assert.notEqual(fresh?.version, old?.version)
      assert.equal((await tested.reader.open("replaced", going)).version, fresh?.version)
    })

    test("what is not there is told, with what was asked for", async () => {
      await assert.rejects(read("none"), (error) => error instanceof ReadFailure && /none"/.test(error.message))
      const listing = tested.readerOfNone.list("", going)[Symbol.asyncIterator]()
      await assert.rejects(
        listing.next(),
        (error) => error instanceof ReadFailure && /^Cannot list/.test(error.message),
      )
    })

    test("a signal ends a listing", async () => {
      await put("ended", "content")
      const listing = tested.reader.list("", AbortSignal.abort(new Error("enough")))[Symbol.asyncIterator]()
      await assert.rejects(listing.next(), /enough/)
    })
  })
}
