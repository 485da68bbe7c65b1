import assert from "node:assert/strict"
import { test } from "node:test"
import type { LineRecord } from "./line-splitter.ts"
import { Sender } from "./sender.ts"

/** A server that answers when it is told to. */
function manualServer() {
  const waiting: { readonly lines: number[]; readonly answer: () => void; readonly fail: (error: Error) => void }[] = []
  return {
    waiting,
    send: (batch: readonly LineRecord[]) =>
      new Promise<void>((answer, fail) => {
        waiting.push({ lines: batch.map(({ lineNumber }) => lineNumber), answer, fail })
      }),
    lines: () => waiting.map(({ lines }) => lines),
  }
}

const limits = { recordsMax: 2, bytesMax: 100, inFlightMax: 2 }

function record(lineNumber: number): LineRecord {
  return { lineNumber, data: new Uint8Array(1) }
}

/** Lets everything that can go on without an answer go on. */
const settled = () => new Promise(setImmediate)

test("Full batches leave at once, and no more of them than are allowed at a time", async () => {
  const server = manualServer()
  const sender = new Sender(server.send, limits)
  let addedCount = 0
  const feeding = (async () => {
    for (let line = 1; line <= 9; line++) {
      await sender.add(record(line))
      addedCount = line
    }
    await sender.finish()
  })()
  await settled()
  assert.deepEqual(server.lines(), [
    [1, 2],
    [3, 4],
  ])
  assert.equal(addedCount, 4)
  for (let index = 0; index < 5; index++) {
    server.waiting[index]?.answer()
    await settled()
  }
  await feeding
  assert.deepEqual(server.lines(), [[1, 2], [3, 4], [5, 6], [7, 8], [9]])
})

test("While input goes on, an answer does not send a batch that is not full", async () => {
  const server = manualServer()
  const sender = new Sender(server.send, { ...limits, inFlightMax: 1 })
  await sender.add(record(1))
  await sender.add(record(2))
  const adding = sender.add(record(3))
  await settled()
  server.waiting[0]?.answer()
  await adding
  assert.deepEqual(server.lines(), [[1, 2]])
  const finishing = sender.finish()
  server.waiting[1]?.answer()
  await finishing
  assert.deepEqual(server.lines(), [[1, 2], [3]])
})

test("When input pauses a single record leaves at once, and those that come meanwhile leave together", async () => {
  const server = manualServer()
  const sender = new Sender(server.send, { ...limits, recordsMax: 10 })
  await sender.add(record(1))
  sender.inputPaused()
  assert.deepEqual(server.lines(), [[1]])
  await sender.add(record(2))
  sender.inputPaused()
  await sender.add(record(3))
  sender.inputPaused()
  assert.deepEqual(server.lines(), [[1]])
  server.waiting[0]?.answer()
  await settled()
  assert.deepEqual(server.lines(), [[1], [2, 3]])
  server.waiting[1]?.answer()
  await sender.finish()
})

test("After a failure nothing more is sent, what is under way is awaited, and the failure is told", async () => {
  const server = manualServer()
  const sender = new Sender(server.send, limits)
  for (let line = 1; line <= 3; line++) await sender.add(record(line))
  server.waiting[0]?.fail(new Error("refused"))
  await settled()
  await assert.rejects(sender.add(record(4)), /refused/)
  await assert.rejects(sender.finish(), /refused/)
  assert.deepEqual(server.lines(), [[1, 2]])
})

test("Finish without any record sends nothing", async () => {
  const server = manualServer()
  await new Sender(server.send, limits).finish()
  assert.deepEqual(server.lines(), [])
})
