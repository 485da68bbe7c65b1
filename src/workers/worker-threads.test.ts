import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { pathToFileURL } from "node:url"
import { threadId, type Worker } from "node:worker_threads"
import { createWorkerThreads } from "./worker-threads.ts"
import { hereAndNow, type Work } from "./workers.ts"

export const double: Work<{ readonly bytes: Uint8Array }, { readonly bytes: Uint8Array; readonly threadId: number }> = {
  module: import.meta.url,
  name: "double",
  run: ({ bytes }) => ({ bytes: bytes.map((byte) => byte * 2), threadId }),
}

export const lookAtPriority: Work<object, { readonly priority: number }> = {
  module: import.meta.url,
  name: "lookAtPriority",
  run: () => ({ priority: os.getPriority() }),
}

export const die: Work<{ readonly how: "exit" | "throw" }, object> = {
  module: import.meta.url,
  name: "die",
  run({ how }) {
    if (how === "throw") throw new RangeError("not of this world")
    process.exit(3)
  },
}

export const spin: Work<object, object> = {
  module: import.meta.url,
  name: "spin",
  run() {
    for (;;);
  },
}

function threads(context: TestContext, threadsMax = 2) {
  const failures: unknown[] = []
  const workers = createWorkerThreads({ threadsMax, onFailure: (error) => failures.push(error) })
  context.after(() => workers.close())
  return { workers, failures }
}

test("work is done on other threads as it would be here, and whole memory is handed over, not copied", async (context) => {
  const { workers } = threads(context)
  const bytes = new Uint8Array(100_000).fill(3)
  const expected = await hereAndNow.run(double, { bytes })
  const done = await workers.run(double, { bytes })
  assert.deepEqual(done.bytes, expected.bytes)
  assert.notEqual(done.threadId, threadId)
  assert.equal(bytes.byteLength, 0)
})

test("a view of a part of some memory is copied: the rest stays with its owner", async (context) => {
  const { workers } = threads(context)
  const all = new Uint8Array(10).fill(4)
  const done = await workers.run(double, { bytes: all.subarray(2, 5) })
  assert.deepEqual([...done.bytes], [8, 8, 8])
  assert.equal(all.byteLength, 10)
})

test("what the work throws is thrown, and the next work is done", async (context) => {
  const { workers } = threads(context)
  await assert.rejects(workers.run(die, { how: "throw" }), { message: "not of this world" })
  assert.equal((await workers.run(double, { bytes: new Uint8Array(1) })).bytes.byteLength, 1)
})

test("a thread that dies fails its work, and another one does what waited", async (context) => {
  const { workers } = threads(context, 1)
  const dying = workers.run(die, { how: "exit" })
  const waiting = workers.run(double, { bytes: Uint8Array.of(1) })
  await assert.rejects(dying, /exited with code 3/)
  assert.deepEqual([...(await waiting).bytes], [2])
})

test("threads that die before they are ready fail their work, and hold up no other", async (context) => {
  const { workers, failures } = threads(context, 1)
  // The first one lives.
  await workers.run(double, { bytes: Uint8Array.of(1) })
  let dyingCount = 3
  const endAtOnce = (worker: Worker) => {
    if (dyingCount-- > 0) void worker.terminate()
  }
  process.on("worker", endAtOnce)
  context.after(() => process.off("worker", endAtOnce))
  const dying = assert.rejects(workers.run(die, { how: "exit" }))
  const waiting = [1, 2, 3, 4, 5].map((byte) => workers.run(double, { bytes: Uint8Array.of(byte) }))
  await dying
  const outcomes = await Promise.allSettled(waiting)
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === "fulfilled" ? [...outcome.value.bytes] : outcome.status)),
    ["rejected", "rejected", "rejected", [8], [10]],
  )
  assert.equal(failures.length, 4)
})

test("threads give way to the rest of the process", {
  skip: process.platform === "linux" ? false : "only Linux knows priorities of threads",
}, async (context) => {
  const { workers } = threads(context)
  const here = os.getPriority()
  assert.equal(
    (await workers.run(lookAtPriority, {})).priority,
    Math.max(here, os.constants.priority.PRIORITY_BELOW_NORMAL),
  )
  assert.equal(os.getPriority(), here)
})

test("the end of the pool ends the work under way, and later work is refused", async () => {
  const workers = createWorkerThreads({ threadsMax: 1, onFailure: () => undefined })
  const underWay = assert.rejects(workers.run(spin, {}))
  await workers.close()
  await underWay
  await workers.close()
  await assert.rejects(workers.run(spin, {}), /have ended/)
})

test("a module that could not be read is read again by the next thread", async (context) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hydrant-workers-"))
  context.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, "work.mjs")
  const work: Work<object, { readonly isDone: boolean }> = {
    module: pathToFileURL(file).href,
    name: "work",
    run: () => ({ isDone: true }),
  }
  const { workers } = threads(context, 1)
  await writeFile(file, 'throw new Error("the disk is failing")')
  await assert.rejects(workers.run(work, {}), /the disk is failing/)
  await writeFile(file, "export const work = { run: () => ({ isDone: true }) }")
  assert.equal((await workers.run(work, {})).isDone, true)
})
