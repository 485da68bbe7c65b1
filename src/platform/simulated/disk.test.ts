import assert from "node:assert/strict"
import { test } from "node:test"
import type { Disk } from "../disk.ts"
import { readFileIfThere, replaceFile } from "../replace-file.ts"
import { SimulatedClock } from "./clock.ts"
import { type CrashKind, type DiskOperation, SimulatedDisk } from "./disk.ts"
import { Life } from "./life.ts"
import { createSimulatedRandom } from "./random.ts"

const seeds = Array.from({ length: 300 }, (_, seed) => seed)

/** What is there after each of many lives that end by a crash, once each. */
async function survivorsOf(
  live: (disk: Disk) => Promise<unknown>,
  look: (disk: Disk) => Promise<string>,
  crashKind: CrashKind = "power",
): Promise<Set<string>> {
  const survivors = new Set<string>()
  for (const seed of seeds) {
    const disk = new SimulatedDisk({ random: createSimulatedRandom(seed) })
    await live(disk.mount(new Life()))
    disk.crash(crashKind)
    survivors.add(await look(disk.mount(new Life())))
  }
  return survivors
}

const contentOf = (path: string) => async (disk: Disk) => String((await readFileIfThere(disk, path)) ?? "missing")
const namesIn = (folder: string) => async (disk: Disk) => (await disk.list(folder)).join(" ")

async function createFile(disk: Disk, path: string, content: string) {
  const file = await disk.open(path, "create")
  await file.write([Buffer.from(content)], 0)
  return file
}

test("What was synced, with its name, survives every crash", async () => {
  const live = (disk: Disk) => replaceFile(disk, "/a", Buffer.from("content"))
  assert.deepEqual(await survivorsOf(live, contentOf("/a")), new Set(["content"]))
  assert.deepEqual(await survivorsOf(live, contentOf("/a"), "process"), new Set(["content"]))
})

test("What was written durably survives every crash, and what was not yet may not", async () => {
  let lives = 0
  const live = async (disk: Disk) => {
    const file = await disk.open("/a", "create-durable")
    await disk.syncFolder("/")
    await file.write([Buffer.from("durable, ")], 0)
    void file.write([Buffer.from("not yet")], 9)
    // The crash comes at another moment of the write in each life.
    for (let turns = lives++ % 10; turns > 0; turns--) await Promise.resolve()
  }
  const survivors = await survivorsOf(live, contentOf("/a"))
  assert.ok(survivors.has("durable, ") && survivors.has("durable, not yet"))
  for (const survivor of survivors) assert.match(survivor, /^durable, /)
})

test("A durable write that fails leaves any part to be read, none of it safe, and spares what was durable", async () => {
  const live = async (disk: SimulatedDisk) => {
    const mounted = disk.mount(new Life())
    const file = await mounted.open("/a", "create-durable")
    await mounted.syncFolder("/")
    await file.write([Buffer.from("kept ")], 0)
    disk.failNext("durableWrite")
    await assert.rejects(file.write([Buffer.from("lost")], 5), { code: "EIO" })
    return String(await readFileIfThere(mounted, "/a"))
  }
  const seen = new Set<string>()
  const left = new Set<string>()
  for (let seed = 1; seed <= 100; seed++) {
    const disk = new SimulatedDisk({ random: createSimulatedRandom(seed) })
    seen.add(await live(disk))
    disk.crash()
    left.add(String(await readFileIfThere(disk.mount(new Life()), "/a")))
  }
  for (const sight of [seen, left]) {
    assert.ok(sight.has("kept lost") && sight.has("kept "), [...sight].join("|"))
    for (const content of sight) assert.ok(content.startsWith("kept "))
  }
})

test("A file whose name was not synced may vanish, whatever was synced of its content", async () => {
  const live = async (disk: Disk) => (await createFile(disk, "/a", "content")).sync()
  assert.deepEqual(await survivorsOf(live, contentOf("/a")), new Set(["content", "missing"]))
})

test("What was written and not synced survives in any part, torn at any byte", async () => {
  const live = async (disk: Disk) => {
    await replaceFile(disk, "/a", Buffer.from("...."))
    await (await disk.open("/a", "update")).write([Buffer.from("abcd")], 0)
  }
  const survivors = await survivorsOf(live, contentOf("/a"))
  for (const content of ["....", "a...", "ab..", "abc.", "abcd", ".bcd", "..cd", "...d"]) {
    assert.ok(survivors.has(content), `${content} in ${[...survivors]}`)
  }
})

test("Sectors survive one without the other, and a file can grow without its bytes", async () => {
  const live = async (disk: Disk) => {
    await replaceFile(disk, "/a", Buffer.alloc(0))
    await (await disk.open("/a", "update")).write([Buffer.alloc(1536, "x")], 0)
  }
  const sectors = await survivorsOf(live, async (disk) => {
    const content = (await readFileIfThere(disk, "/a")) ?? Buffer.alloc(0)
    return [0, 512, 1024]
      .filter((start) => start < content.byteLength)
      .map((start) => content.subarray(start, start + 512))
      .map((sector) => (sector.every((byte) => byte === 120) ? "x" : sector.every((byte) => byte === 0) ? "0" : "?"))
      .join("")
  })
  for (const pattern of ["", "000", "xxx", "x0x", "00x", "0xx", "xx0", "x"]) {
    assert.ok(sectors.has(pattern), `${pattern} in ${[...sectors]}`)
  }
})

test("A truncation that was not synced may be undone", async () => {
  const live = async (disk: Disk) => {
    await replaceFile(disk, "/a", Buffer.from("long"))
    await (await disk.open("/a", "update")).truncate(1)
  }
  assert.deepEqual(await survivorsOf(live, contentOf("/a")), new Set(["long", "l"]))
})

test("Renames and removals are undone or not until their folder is synced", async () => {
  const live = async (disk: Disk) => {
    for (const name of ["a", "b", "c"]) await replaceFile(disk, `/${name}`, Buffer.from(name))
    await disk.rename("/a", "/x")
    await disk.remove("/b")
    await disk.remove("/c")
    await disk.syncFolder("/")
    await disk.rename("/x", "/y")
    await replaceFile(disk, "/folder.sync", Buffer.alloc(0))
    await disk.rename("/y", "/z")
    await (await createFile(disk, "/b", "new")).sync()
  }
  assert.deepEqual(
    await survivorsOf(live, namesIn("/")),
    new Set(["folder.sync y", "b folder.sync y", "folder.sync z", "b folder.sync z"]),
  )
})

test("A change of names does not survive without the one it builds on", async () => {
  const live = async (disk: Disk) => {
    await replaceFile(disk, "/log", Buffer.from("old"))
    await disk.rename("/log", "/log.1")
    await createFile(disk, "/log", "new").then((file) => file.sync())
  }
  const look = async (disk: Disk) => `${await contentOf("/log")(disk)}, ${await contentOf("/log.1")(disk)}`
  assert.deepEqual(await survivorsOf(live, look), new Set(["old, missing", "missing, old", "new, old"]))
})

test("A file is never lost by a rename to another folder", async () => {
  for (const synced of ["/from", "/to"]) {
    const live = async (disk: Disk) => {
      await disk.makeFolder("/from")
      await disk.makeFolder("/to")
      await replaceFile(disk, "/from/a", Buffer.from("content"))
      await disk.rename("/from/a", "/to/a")
      await disk.syncFolder(synced)
    }
    assert.deepEqual(await survivorsOf(live, contentOf("/to/a")), new Set(["content"]))
  }
})

test("The removal of a folder may be undone in part until the folder above it is synced", async () => {
  const live = async (disk: Disk) => {
    await disk.makeFolder("/one")
    for (const name of ["a", "b"]) await replaceFile(disk, `/one/${name}`, Buffer.from(name))
    await disk.removeFolder("/one")
  }
  const look = async (disk: Disk) => ((await namesIn("/")(disk)) === "" ? "gone" : namesIn("/one")(disk))
  assert.deepEqual(await survivorsOf(live, look), new Set(["gone", "", "a", "b", "a b"]))
  const syncedToo = async (disk: Disk) => {
    await live(disk)
    await disk.syncFolder("/")
  }
  assert.deepEqual(await survivorsOf(syncedToo, look), new Set(["gone"]))
})

test("A killed process leaves what it wrote to be read, and a later power failure may still take it", async () => {
  const afterKill = new Set<string>()
  const afterPowerFailure = new Set<string>()
  for (const seed of seeds) {
    const disk = new SimulatedDisk({ random: createSimulatedRandom(seed) })
    const mounted = disk.mount(new Life())
    await replaceFile(mounted, "/a", Buffer.from("."))
    await (await mounted.open("/a", "update")).write([Buffer.from("x")], 0)
    disk.crash("process")
    afterKill.add(await contentOf("/a")(disk.mount(new Life())))
    disk.crash()
    afterPowerFailure.add(await contentOf("/a")(disk.mount(new Life())))
  }
  assert.deepEqual(afterKill, new Set(["x"]))
  assert.deepEqual(afterPowerFailure, new Set(["x", "."]))
})

test("A folder that a killed process left is durable once it is made again", async () => {
  const clock = new SimulatedClock()
  for (const seed of seeds.slice(0, 50)) {
    const disk = new SimulatedDisk({ random: createSimulatedRandom(seed), clock })
    const life = new Life()
    const making = disk.mount(life).makeFolder("/one/two")
    const kill = clock.sleep(seed / 200).then(() => disk.crash("process"))
    await clock.run(Promise.all([kill, Promise.race([making, life.ended])]))
    await clock.run(disk.mount(new Life()).makeFolder("/one/two"))
    disk.crash()
    assert.deepEqual(await clock.run(disk.mount(new Life()).list("/one")), ["two"])
  }
})

test("After a failed sync the next one succeeds, and what the first one covered is still not safe", async () => {
  const live = async (disk: SimulatedDisk) => {
    const mounted = disk.mount(new Life())
    await replaceFile(mounted, "/a", Buffer.from("...."))
    const file = await mounted.open("/a", "update")
    await file.write([Buffer.from("ab")], 0)
    disk.failNext("sync")
    await assert.rejects(file.sync(), { code: "EIO" })
    const readable = await contentOf("/a")(mounted)
    await file.write([Buffer.from("cd")], 2)
    await file.sync()
    return readable
  }
  const fates = new Set<string>()
  for (const seed of seeds) {
    const disk = new SimulatedDisk({ random: createSimulatedRandom(seed) })
    const readable = await live(disk)
    disk.crash()
    fates.add(`${readable} then ${await contentOf("/a")(disk.mount(new Life()))}`)
  }
  // Written after all; gone at once; readable until the crash, in which a part may still survive.
  for (const fate of ["ab.. then abcd", ".... then ..cd", "ab.. then ..cd"]) {
    assert.ok(fates.has(fate), `${fate} in ${[...fates]}`)
  }
  for (const fate of fates) assert.match(fate, /cd$/)
})

test("A failed write leaves a part of the bytes", async () => {
  const contents = new Set<string>()
  for (const seed of seeds) {
    const disk = new SimulatedDisk({ random: createSimulatedRandom(seed) })
    const mounted = disk.mount(new Life())
    const file = await mounted.open("/a", "create")
    disk.failNext("write")
    await assert.rejects(file.write([Buffer.from("ab"), Buffer.from("c")], 0), { code: "EIO" })
    contents.add(await contentOf("/a")(mounted))
  }
  assert.deepEqual(contents, new Set(["", "a", "ab", "abc"]))
})

test("A full disk takes what fits, lets bytes be replaced, and has room again when files go", async () => {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1), capacityBytes: 6 })
  const mounted = disk.mount(new Life())
  const file = await createFile(mounted, "/a", "1234")
  assert.equal(await mounted.freeBytes("/"), 2)
  await assert.rejects(file.write([Buffer.from("5678")], 4), { code: "ENOSPC" })
  assert.equal(await contentOf("/a")(mounted), "123456")
  disk.capacityBytes = 5
  await file.write([Buffer.from("abcdef")], 0)
  disk.capacityBytes = 6
  await assert.rejects(mounted.open("/b", "create"), { code: "ENOSPC" })
  await mounted.remove("/a")
  await createFile(mounted, "/b", "123456")
  assert.equal(await mounted.freeBytes("/"), 0)
})

test("A read-only disk can be read, and nothing on it changes", async () => {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
  const mounted = disk.mount(new Life())
  const file = await createFile(mounted, "/a", "content")
  disk.readOnly = true
  for (const attempt of [
    () => file.write([Buffer.from("x")], 0),
    () => mounted.open("/b", "create"),
    () => mounted.remove("/a"),
    () => mounted.rename("/a", "/b"),
  ]) {
    await assert.rejects(attempt, { code: "EROFS" })
  }
  assert.equal(await contentOf("/a")(mounted), "content")
})

test("Faults come with the chance that was set, for the kind it was set for", async () => {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
  const file = await createFile(disk.mount(new Life()), "/a", "content")
  disk.setFaults({ read: 0.5 })
  let failed = 0
  for (let attempt = 0; attempt < 200; attempt++) {
    await file.read(Buffer.alloc(1), 0).catch(() => failed++)
    await file.sync()
  }
  assert.ok(failed > 60 && failed < 140, `${failed} of 200`)
})

test("A flipped bit is there for every later life", async () => {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
  await replaceFile(disk.mount(new Life()), "/a", Buffer.from("abc"))
  assert.equal(disk.flipBit("/a", 1, 0), true)
  disk.crash()
  assert.equal(await contentOf("/a")(disk.mount(new Life())), "acc")
  assert.equal(disk.flipBit("/a", 3, 0), false)
})

test("A crash before an operation leaves nothing of it, one after it all that it made durable", async () => {
  const outcomes: string[] = []
  for (const moment of ["before", "after"] as const) {
    for (let number = 1; ; number++) {
      const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
      await replaceFile(disk.mount(new Life()), "/a", Buffer.from("old"))
      const before = disk.operationCount
      disk.crashAt(moment, before + number)
      const life = new Life()
      await Promise.race([replaceFile(disk.mount(life), "/a", Buffer.from("new")), life.ended])
      if (!life.over) break
      outcomes.push(`${moment} ${number}: ${await contentOf("/a")(disk.mount(new Life()))}`)
    }
  }
  // The six operations: remove the leftover, create, write, sync, rename, sync the folder.
  assert.equal(outcomes.length, 12)
  for (const number of [1, 2, 3, 4, 5]) assert.ok(outcomes.includes(`before ${number}: old`), `${outcomes}`)
  assert.ok(outcomes.includes("after 6: new"), `${outcomes}`)
})

test("Operations that change something are counted and told of, as they begin", async () => {
  const operations: DiskOperation[] = []
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1), observe: (it) => operations.push(it) })
  await replaceFile(disk.mount(new Life()), "/a", Buffer.from("a"))
  assert.deepEqual(
    operations.map(({ number, kind, path }) => `${number} ${kind} ${path}`),
    ["1 remove /a.new", "2 create /a.new", "3 write /a.new", "4 sync /a.new", "5 rename /a.new", "6 syncFolder /"],
  )
  assert.equal(disk.operationCount, 6)
})

test("Nothing that a crashed life waits for ever happens, through its old handles neither", async () => {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
  const life = new Life()
  const mounted = disk.mount(life)
  const file = await createFile(mounted, "/a", "a")
  const settled: string[] = []
  const watch = (name: string, work: Promise<unknown>) =>
    work.then(
      () => settled.push(name),
      () => settled.push(name),
    )
  const watched = [watch("before", file.write([Buffer.from("b")], 0))]
  disk.crash()
  watched.push(watch("write", file.write([Buffer.from("c")], 0)))
  watched.push(watch("list", mounted.list("/")), watch("close", file.close()))
  await Promise.race([Promise.all(watched), new SimulatedClock().run(Promise.resolve())])
  assert.deepEqual(settled, [])
})

test("A copy goes its own way", async () => {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1) })
  const mounted = disk.mount(new Life())
  await mounted.makeFolder("/one")
  await replaceFile(mounted, "/one/a", Buffer.from("a"))
  const copy = disk.copy({ random: createSimulatedRandom(2) })
  await replaceFile(copy.mount(new Life()), "/one/a", Buffer.from("copy"))
  assert.equal(await contentOf("/one/a")(mounted), "a")
  assert.equal(await contentOf("/one/a")(copy.mount(new Life())), "copy")
  await mounted.remove("/one/a")
  assert.throws(() => disk.copy({ random: createSimulatedRandom(2) }), /not durable/)
})

test("The same seed gives the same run", async () => {
  const traceOf = async (seed: number) => {
    const clock = new SimulatedClock()
    const trace: string[] = []
    const disk = new SimulatedDisk({
      random: createSimulatedRandom(seed),
      clock,
      observe: ({ kind, path }) => trace.push(`${clock.elapsed()} ${kind} ${path}`),
    })
    const mounted = disk.mount(new Life())
    await clock.run(Promise.all(["/a", "/b", "/c"].map((path) => replaceFile(mounted, path, Buffer.from(path)))))
    disk.crash()
    return [...trace, ...disk.files.map((file) => `${file.path} ${file.sizeBytes}`)].join("\n")
  }
  assert.equal(await traceOf(1), await traceOf(1))
  assert.notEqual(await traceOf(1), await traceOf(2))
})
