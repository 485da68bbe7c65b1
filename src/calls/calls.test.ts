import assert from "node:assert/strict"
import { test } from "node:test"
import { type Channel, connect } from "./calls.ts"

/** One end of a channel: what is sent comes out of the other one, as between processes: as a copy, and later. */
class End implements Channel {
  other: End | undefined
  readonly #listeners: ((message: unknown) => void)[] = []
  readonly #closed: (() => void)[] = []

  send(message: unknown) {
    setImmediate(() => this.other?.deliver(structuredClone(message)))
  }

  onMessage(listener: (message: unknown) => void) {
    this.#listeners.push(listener)
  }

  onClose(listener: () => void) {
    this.#closed.push(listener)
  }

  deliver(message: unknown) {
    for (const listener of this.#listeners) listener(message)
  }

  close() {
    for (const listener of this.#closed) listener()
  }
}

interface Adder {
  add(given: readonly number[]): Promise<number>
  wait(given: undefined): Promise<void>
}

interface Listener {
  heard(given: string): Promise<void>
}

function connected() {
  const [one, two] = [new End(), new End()]
  one.other = two
  two.other = one
  const heard: string[] = []
  const listener: Listener = { heard: async (text) => void heard.push(text) }
  const adder: Adder = {
    async add(numbers) {
      if (numbers.length === 0) throw new Error("There is nothing to add")
      return numbers.reduce((sum, number) => sum + number, 0)
    },
    wait: () => new Promise(() => {}),
  }
  const theirs = connect<Adder, Listener>(one, listener, "The adder")
  const back = connect<Listener, Adder>(two, adder, "The listener")
  return { theirs, back, heard, one }
}

test("Calls are answered each with its own answer, in whatever order they come", async () => {
  const { theirs } = connected()
  const sums = await Promise.all([theirs.call("add", [1, 2]), theirs.call("add", [3]), theirs.call("add", [4, 5, 6])])
  assert.deepEqual(sums, [3, 3, 15])
})

test("A failure on the other side is a failure here, with its message", async () => {
  const { theirs } = connected()
  await assert.rejects(theirs.call("add", []), /^Error: There is nothing to add$/)
})

test("What is told needs no answer, and other messages on the channel are left alone", async () => {
  const { theirs, back, heard, one } = connected()
  one.deliver("another message")
  one.deliver(null)
  back.tell("heard", "a")
  back.tell("heard", "b")
  await theirs.call("add", [1])
  assert.deepEqual(heard, ["a", "b"])
})

test("When the other side ends, calls fail that it has not answered, and those that come later", async () => {
  const { theirs, one } = connected()
  const waiting = theirs.call("wait", undefined)
  one.close()
  await assert.rejects(waiting, /^Error: The adder has ended before it answered$/)
  await assert.rejects(theirs.call("add", [1]), /^Error: The adder has ended$/)
})
