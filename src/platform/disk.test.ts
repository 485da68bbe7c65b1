import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { test } from "node:test"
import type { Disk } from "./disk.ts"
import { readFileIfThere, removeIfThere, replaceFile } from "./replace-file.ts"
import { createSimulatedRandom, Life, SimulatedClock, SimulatedDisk } from "./simulated/index.ts"
import { systemDisk } from "./system-disk.ts"

/** What every disk does. `withFolder` hands out a disk and an empty folder on it. */
function diskContract(name: string, withFolder: (use: (disk: Disk, folder: string) => Promise<void>) => Promise<void>) {
  const it = (behaviour: string, use: (disk: Disk, folder: string) => Promise<void>) =>
    test(`${name}: ${behaviour}`, () => withFolder(use))

  it("a file is created once, and holds what was written to it", async (disk, folder) => {
    const file = await disk.open(`${folder}/a`, "create")
    assert.equal(file.path, `${folder}/a`)
    await file.write([Buffer.from("one "), Buffer.alloc(0), Buffer.from("two")], 0)
    await file.write([Buffer.from("T")], 4)
    await file.sync()
    await file.close()
    assert.equal(String(await readFileIfThere(disk, `${folder}/a`)), "one Two")
    await assert.rejects(disk.open(`${folder}/a`, "create"), { code: "EEXIST" })
  })

  it("what is skipped over reads as zeros, and nothing is read beyond the end", async (disk, folder) => {
    const file = await disk.open(`${folder}/a`, "create")
    await file.write([Buffer.from("end")], 3)
    assert.equal(await file.size(), 6)
    const target = Buffer.alloc(8, "x")
    assert.equal(await file.read(target, 2), 4)
    assert.equal(String(target), "\0endxxxx")
    assert.equal(await file.read(target, 6), 0)
    await file.close()
  })

  it("a long list of chunks is written whole", async (disk, folder) => {
    const chunks = Array.from({ length: 3000 }, (_, index) => Buffer.from(`${index},`))
    const file = await disk.open(`${folder}/a`, "create")
    await file.write(chunks, 0)
    await file.close()
    assert.deepEqual(await readFileIfThere(disk, `${folder}/a`), Buffer.concat(chunks))
  })

  it("truncating cuts off the end, or adds zeros", async (disk, folder) => {
    const file = await disk.open(`${folder}/a`, "create")
    await file.write([Buffer.from("abcdef")], 0)
    await file.truncate(2)
    assert.equal(await file.size(), 2)
    await file.truncate(4)
    const target = Buffer.alloc(4)
    assert.equal(await file.read(target, 0), 4)
    assert.equal(String(target), "ab\0\0")
    await file.close()
  })

  it("a file opened for reading can't be changed, one opened for updating can", async (disk, folder) => {
    await replaceFile(disk, `${folder}/a`, Buffer.from("old"))
    const reader = await disk.open(`${folder}/a`, "read")
    await assert.rejects(reader.write([Buffer.from("x")], 0), { code: "EBADF" })
    const writer = await disk.open(`${folder}/a`, "update")
    await writer.write([Buffer.from("new")], 0)
    const target = Buffer.alloc(3)
    await reader.read(target, 0)
    assert.equal(String(target), "new")
    await Promise.all([reader.close(), writer.close()])
  })

  it("a file for durable writes is created once, written and read as any other", async (disk, folder) => {
    const file = await disk.open(`${folder}/a`, "create-durable")
    await file.write([Buffer.from("one "), Buffer.from("two")], 0)
    await file.write([Buffer.from("T")], 4)
    await file.truncate(6)
    await file.close()
    assert.equal(String(await readFileIfThere(disk, `${folder}/a`)), "one Tw")
    await assert.rejects(disk.open(`${folder}/a`, "create-durable"), { code: "EEXIST" })
  })

  it("what a file was asked for before it was closed is done", async (disk, folder) => {
    const writeAndClose = async (name: string) => {
      const file = await disk.open(`${folder}/${name}`, "create")
      await Promise.all([file.write([Buffer.from(name)], 0), file.close()])
    }
    const names = Array.from({ length: 300 }, (_, index) => `file ${index}`)
    await Promise.all(names.map(writeAndClose))
    for (const name of names) assert.equal(String(await readFileIfThere(disk, `${folder}/${name}`)), name)
  })

  it("a closed file is closed again without an error, and is not used any more", async (disk, folder) => {
    const file = await disk.open(`${folder}/a`, "create")
    await file.close()
    await file.close()
    await assert.rejects(file.size(), { code: "EBADF" })
  })

  it("names that are not there are ENOENT", async (disk, folder) => {
    const missing = `${folder}/missing`
    for (const attempt of [
      () => disk.open(missing, "read"),
      () => disk.open(missing, "update"),
      () => disk.open(`${missing}/a`, "create"),
      () => disk.list(missing),
      () => disk.rename(missing, `${folder}/a`),
      () => disk.remove(missing),
      () => disk.syncFolder(missing),
    ]) {
      await assert.rejects(attempt, { code: "ENOENT" })
    }
    assert.equal(await readFileIfThere(disk, missing), undefined)
    await removeIfThere(disk, missing)
    await disk.removeFolder(missing)
  })

  it("folders are made with those above them, listed in order and removed with all they hold", async (disk, folder) => {
    await disk.makeFolder(`${folder}/one/two`)
    await disk.makeFolder(`${folder}/one/two`)
    for (const name of ["b", "a", "C"]) await replaceFile(disk, `${folder}/one/${name}`, Buffer.from(name))
    assert.deepEqual(await disk.list(`${folder}/one`), ["C", "a", "b", "two"])
    await assert.rejects(disk.list(`${folder}/one/a`), { code: "ENOTDIR" })
    await assert.rejects(disk.remove(`${folder}/one/two`), { code: "EISDIR" })
    await disk.removeFolder(`${folder}/one`)
    assert.deepEqual(await disk.list(folder), [])
  })

  it("a rename replaces a file, and moves a folder with what it holds", async (disk, folder) => {
    await replaceFile(disk, `${folder}/a`, Buffer.from("a"))
    await replaceFile(disk, `${folder}/b`, Buffer.from("b"))
    await disk.rename(`${folder}/a`, `${folder}/b`)
    assert.deepEqual(await disk.list(folder), ["b"])
    assert.equal(String(await readFileIfThere(disk, `${folder}/b`)), "a")

    await disk.makeFolder(`${folder}/one`)
    await disk.rename(`${folder}/b`, `${folder}/one/c`)
    await disk.rename(`${folder}/one`, `${folder}/two`)
    assert.deepEqual(await disk.list(folder), ["two"])
    assert.equal(String(await readFileIfThere(disk, `${folder}/two/c`)), "a")
  })

  it("a removed file can be used until it is closed", async (disk, folder) => {
    const file = await disk.open(`${folder}/a`, "create")
    await disk.remove(`${folder}/a`)
    await file.write([Buffer.from("still here")], 0)
    assert.equal(await file.size(), 10)
    await file.close()
    assert.deepEqual(await disk.list(folder), [])
  })

  it("there is free space", async (disk, folder) => {
    assert.ok((await disk.freeBytes(folder)) > 0)
  })
}

diskContract("system disk", async (use) => {
  const folder = await mkdtemp(path.join(tmpdir(), "hydrant-disk-"))
  try {
    await use(systemDisk, folder)
  } finally {
    await rm(folder, { recursive: true })
  }
})

diskContract("simulated disk", (use) =>
  use(new SimulatedDisk({ random: createSimulatedRandom(1) }).mount(new Life()), "/"),
)

diskContract("simulated disk that takes its time", async (use) => {
  const clock = new SimulatedClock()
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1), clock })
  await clock.run(use(disk.mount(new Life()), "/"))
})
