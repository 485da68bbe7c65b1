import assert from "node:assert/strict"
import fs from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import fc from "fast-check"
import { systemDisk, systemRandom } from "../../platform/index.ts"
import { objectReaderContract } from "../object-reader.contract.ts"
import { createFolderReader } from "./folder-reader.ts"
import { createFolderStore } from "./folder-store.ts"
import { keyOfNames, pathOfKey } from "./place.ts"

const going = new AbortController().signal

objectReaderContract("The folder reader", async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-reader-"))
  const store = await createFolderStore({ disk: systemDisk, folder, random: systemRandom })
  return {
    store,
    bucket: "a-bucket",
    reader: createFolderReader({ folder: path.join(folder, "a-bucket"), names: "escaped" }),
    readerOfNone: createFolderReader({ folder: path.join(folder, "none"), names: "escaped" }),
    close: () => fs.rm(folder, { recursive: true }),
  }
})

test("The names of a key's path give the key again", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary", maxLength: 600 }), fc.stringMatching(/^[./%_+a\0]{0,20}$/)),
      (key) => {
        assert.equal(keyOfNames(pathOfKey(key)), key)
      },
    ),
  )
})

test("In a folder of any other kind a key is a file's path, and links to files are read", async (t) => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-reader-"))
  t.after(() => fs.rm(folder, { recursive: true }))
  await fs.mkdir(path.join(folder, "a%25", "%_"), { recursive: true })
  await fs.writeFile(path.join(folder, "a%25", "%_", "x"), "content")
  await fs.symlink(path.join(folder, "a%25", "%_", "x"), path.join(folder, "link"))
  await fs.symlink(folder, path.join(folder, "round"))
  const reader = createFolderReader({ folder, names: "plain" })
  const keys: string[] = []
  for await (const { key } of reader.list("", going)) keys.push(key)
  assert.deepEqual(keys, ["a%25/%_/x", "link"])
})
