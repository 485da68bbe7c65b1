import assert from "node:assert/strict"
import { test } from "node:test"
import { createSimulatedRandom, Life, SimulatedDisk } from "../../platform/simulated/index.ts"
import { PutNotes } from "./put-notes.ts"

const stream = { arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders", createTimestamp: "2026" }
const folder = "/state/orders"
const object = { object: "s3://b/k", objectVersion: "v1" }

const linesOf = (...lines: readonly number[]) => lines.map((lineNumber) => ({ ...object, lineNumber }))

function simulation() {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(28), observe: () => {} })
  const open = (life = new Life(), writable = true, whose = stream) =>
    PutNotes.open({ disk: disk.mount(life), folder, stream: whose, writable })
  return { disk, open }
}

test("What was noted is known the next time, also to who only reads it", async () => {
  const { open } = simulation()
  const notes = await open()
  assert.equal(notes.of(object.object), undefined)
  await notes.note([...linesOf(1, 2, 3), { object: "s3://b/other", objectVersion: "x", lineNumber: 1 }])
  await notes.noteEnd(object, 4)
  await notes.note(linesOf(4))
  await notes.noteEnd({ object: "s3://b/empty", objectVersion: "" }, 0)
  await notes.close()
  for (const writable of [true, false]) {
    const again = await open(new Life(), writable)
    const known = again.of(object.object)
    assert.deepEqual([known?.objectVersion, known?.lines.toString(), known?.lineCount], ["v1", "1-4", 4])
    assert.equal(again.of("s3://b/other")?.lines.toString(), "1")
    assert.equal(again.of("s3://b/empty")?.lineCount, 0)
    await again.close()
  }
})

test("Who only reads makes nothing", async () => {
  const { disk, open } = simulation()
  const notes = await open(new Life(), false)
  await notes.noteEnd(object, 4)
  await notes.close()
  assert.deepEqual(disk.files, [])
})

test("Another version of an object begins anew", async () => {
  const { open } = simulation()
  const notes = await open()
  await notes.note(linesOf(1, 2))
  await notes.note([{ ...object, objectVersion: "v2", lineNumber: 7 }])
  await notes.close()
  const known = (await open()).of(object.object)
  assert.deepEqual([known?.objectVersion, known?.lines.toString()], ["v2", "7"])
})

test("The notes of another stream are refused, and one that was made again is another one", async () => {
  const { open } = simulation()
  await (await open()).close()
  for (const other of [
    { ...stream, arn: `${stream.arn}-2` },
    { ...stream, createTimestamp: "2027" },
  ]) {
    await assert.rejects(open(new Life(), true, other), /says what was put into another stream: .*orders, made at 2026/)
  }
})

test("Whenever the process or the power fails, what was noted stays, and the notes go on", async () => {
  const run = async (arrange: (disk: SimulatedDisk) => void) => {
    const { disk, open } = simulation()
    arrange(disk)
    const life = new Life()
    const noted: number[] = []
    const work = async () => {
      const notes = await open(life)
      for (let line = 1; line <= 5; line++) {
        await notes.note(linesOf(line))
        noted.push(line)
        await notes.noteEnd({ object: `s3://b/${line}`, objectVersion: "x".repeat(5_000) }, line)
      }
      await notes.close()
    }
    await Promise.race([work(), life.ended])
    const { operationCount } = disk
    if (!life.over) disk.crash()
    const again = await open()
    for (const line of noted) assert.ok(again.of(object.object)?.lines.has(line), `line ${line}`)
    await again.note(linesOf(100))
    disk.crash()
    assert.ok((await open()).of(object.object)?.lines.has(100))
    return operationCount
  }
  const operationCount = await run(() => {})
  assert.ok(operationCount > 10)
  for (let number = 1; number <= operationCount; number++) {
    for (const kind of ["process", "power"] as const) {
      await run((disk) => disk.crashAt("before", number, kind))
      await run((disk) => disk.crashAt("after", number, kind))
    }
  }
})

test("A damaged line is refused by its number, unless it is the last one, which a crash may have left", async () => {
  const damage = async (line: number) => {
    const { disk, open } = simulation()
    const notes = await open()
    for (let number = 1; number <= 3; number++) await notes.note(linesOf(number))
    await notes.close()
    const handle = await disk.mount(new Life()).open(`${folder}/put.jsonl`, "update")
    const text = Buffer.alloc(await handle.size())
    await handle.read(text, 0)
    let at = 0
    for (let number = 1; number < line; number++) at = text.indexOf("\n", at) + 1
    await handle.write([Buffer.from("\0")], at)
    await handle.close()
    return open()
  }
  await assert.rejects(damage(1), /put\.jsonl" is damaged: its line 1 /)
  await assert.rejects(damage(3), /its line 3 /)
  const notes = await damage(4)
  assert.equal(notes.of(object.object)?.lines.toString(), "1-2")
  await notes.note(linesOf(3))
  assert.equal(notes.of(object.object)?.lines.toString(), "1-3")
})
