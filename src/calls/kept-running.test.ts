import assert from "node:assert/strict"
import { test } from "node:test"
import { type Clock, systemClock } from "../platform/index.ts"
import { connect, EndedError, type Peer } from "./calls.ts"
import { type Companion, KeptRunning } from "./kept-running.ts"

interface Worker {
  work(given: number): Promise<number>
}
type Nothing = Record<never, never>

/** Something that was spawned: it answers with what it is given, or dies of it. */
class Spawned implements Companion {
  readonly #listeners: ((message: unknown) => void)[] = []
  readonly #other: ((message: unknown) => void)[] = []
  #end: (how: string) => void = () => {}
  isEnded = false
  readonly ended = new Promise<string>((resolve) => {
    this.#end = (how) => {
      this.isEnded = true
      resolve(how)
    }
  })

  constructor(diesOf: number | undefined) {
    const work = async (given: number) => {
      if (given === diesOf) {
        this.#end("it died")
        return new Promise<number>(() => {})
      }
      return given
    }
    const back = { onMessage: (one: (message: unknown) => void) => void this.#other.push(one), onClose() {} }
    connect<Nothing, Worker>({ ...back, send: (message) => this.#pass(this.#listeners, message) }, { work }, "It")
  }

  send(message: unknown) {
    this.#pass(this.#other, message)
  }

  onMessage(listener: (message: unknown) => void) {
    this.#listeners.push(listener)
  }

  onClose(listener: () => void) {
    void this.ended.then(listener)
  }

  kill() {
    this.#end("it was killed")
  }

  #pass(listeners: readonly ((message: unknown) => void)[], message: unknown) {
    setImmediate(() => {
      for (const listener of listeners) if (!this.isEnded) listener(message)
    })
  }
}

/** Sleeps are over at once, but for those that a test does not want to end. */
const impatient: Clock = {
  ...systemClock,
  sleep: (durationMs, signal) =>
    durationMs > 1000
      ? new Promise((resolve) => signal?.addEventListener("abort", () => resolve()))
      : new Promise((resolve) => setImmediate(resolve)),
}

function keep(
  diesOf: readonly (number | undefined)[],
  begin: (nth: number, peer: Peer<Worker>) => Promise<void> = async () => {},
) {
  const spawned: Spawned[] = []
  const events: string[] = []
  const kept = new KeptRunning<Spawned, Worker>({
    clock: impatient,
    name: "It",
    spawn() {
      const one = new Spawned(diesOf[spawned.length])
      spawned.push(one)
      return one
    },
    async begin(made) {
      const peer = connect<Worker, Nothing>(made, {}, "It")
      await begin(spawned.length, peer)
      return peer
    },
    onEnded: (how) => void events.push(`ended: ${how}`),
    onAgain: () => void events.push("again"),
    onFailed: (error) => void events.push(`failed: ${error instanceof Error ? error.message : error}`),
  })
  return { kept, spawned, events }
}

test("A call that it dies of is made again to the next one", async () => {
  const { events, kept } = keep([7])
  await kept.started
  assert.deepEqual(await Promise.all([kept.call("work", 1), kept.call("work", 7), kept.call("work", 2)]), [1, 7, 2])
  assert.deepEqual(events, ["ended: it died", "again"])
  await kept.close(async () => {}, 5000)
})

test("One that can't begin is ended, and the next one is tried; the first one of all is not", async () => {
  const { events, kept, spawned } = keep([7], async (nth) => {
    if (nth === 2) throw new Error("not today")
  })
  await kept.started
  assert.equal(await kept.call("work", 7), 7)
  assert.equal(spawned.length, 3)
  assert.deepEqual(events, ["ended: it died", "failed: not today", "again"])
  await kept.close(async () => {}, 5000)
  assert.ok(spawned.every(({ isEnded }) => isEnded))
  const never = keep([], async () => {
    throw new Error("never")
  })
  await assert.rejects(never.kept.started, /^Error: never$/)
  assert.equal(never.spawned.length, 1)
})

test("While it is not running a call ends with its signal, and for good with the end of all", async () => {
  const held = new Promise<void>(() => {})
  const { kept, spawned } = keep([7], async (nth) => {
    if (nth > 1) await held
  })
  await kept.started
  const over = new AbortController()
  const given = kept.call("work", 7, over.signal)
  over.abort()
  await assert.rejects(given, EndedError)
  const late = kept.call("work", 1)
  const closing = kept.close(async () => {}, 5000)
  await assert.rejects(late, EndedError)
  await closing
  assert.ok(
    spawned.every(({ isEnded }) => isEnded),
    "one that was beginning has ended too",
  )
})

test("One that does not end by itself is ended, and that is told", async () => {
  const { kept, spawned } = keep([])
  await kept.started
  await assert.rejects(
    kept.close(() => new Promise(() => {}), 10),
    /did not end by itself within 10 ms/,
  )
  assert.ok(spawned.every(({ isEnded }) => isEnded))
  await kept.close(async () => {}, 5000)
})

test("One that ends while it is started says how", async () => {
  const { kept } = keep([7], async (_, peer) => {
    await peer.call("work", 7)
  })
  await assert.rejects(kept.started, /^Error: It ended while it was started: it died$/)
})
