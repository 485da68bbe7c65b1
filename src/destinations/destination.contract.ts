/**
 * What every kind of destination must do. A kind's own test calls `destinationContract` and adds only its oddities.
 */
import assert from "node:assert/strict"
import { test } from "node:test"
import { type JsonObject, readShape, type Shape } from "../shapes/index.ts"
import type {
  Batch,
  Configured,
  Destination,
  DestinationKind,
  DestinationView,
  DestinationWorld,
} from "./destination.ts"

export interface DestinationUnderTest {
  readonly kind: DestinationKind
  /** For each view, by its configuration member: configurations that a client may send, from the smallest to a full one. */
  readonly configurations: Readonly<Record<string, readonly JsonObject[]>>
  /** Each call makes another world, with nothing in it. */
  makeWorld(): WorldUnderTest
}

export interface WorldUnderTest {
  readonly world: DestinationWorld
  /** What was delivered until now, in any form that deepEqual compares; later deliveries must not change it. */
  arrived(): unknown
  /** Makes every attempt fail from now on. */
  fail(how: { readonly mayBeDelivered: boolean }): void
}

/** Declares the tests. */
export function destinationContract(subject: DestinationUnderTest): void {
  const { kind, makeWorld } = subject
  const cases = kind.views.flatMap((view) => {
    const given = subject.configurations[view.configurationMember] ?? []
    assert(given.length > 0, `${kind.name}: no configuration of ${view.configurationMember} to test with`)
    return given.map((configuration) => ({ view, configuration, stored: create(view, configuration) }))
  })
  const promise = (sentence: string, check: (one: (typeof cases)[number]) => void | Promise<void>) =>
    test(`${kind.name}: ${sentence}`, async () => {
      for (const one of cases) await check(one)
    })

  promise("what a view describes can be created again, and is then the same", ({ view, stored }) => {
    assert.deepEqual(create(view, view.describe(stored)), stored)
  })

  promise("every view describes a destination, whichever it was created by, in its own shape", ({ stored }) => {
    for (const view of kind.views) {
      const description = view.describe(stored)
      assert.deepEqual(read(view.description, description), description)
    }
  })

  promise("a description holds what was given", ({ view, configuration, stored }) => {
    assert.deepEqual({ ...view.describe(stored), ...configuration }, view.describe(stored))
  })

  promise("an empty update changes nothing, in whatever view", ({ stored }) => {
    for (const view of kind.views) {
      assert.deepEqual(requireValid(view.merge(stored, read(view.update, {}))), stored)
    }
  })

  promise("what is stored outlives the process: as JSON it opens the same destination", ({ stored }) => {
    const { world } = makeWorld()
    const loaded = throughJson(stored)
    assert.deepEqual(loaded, stored)
    assert.deepEqual(facesOf(kind.open(loaded, world)), facesOf(kind.open(stored, world)))
  })

  promise("a decision outlives the process: delivered again, in another life, it is the same", async ({ stored }) => {
    const first = makeWorld()
    const decision = kind.open(stored, first.world).decide(facts)
    assert.deepEqual(throughJson(decision), decision)
    await deliver(kind.open(stored, first.world), decision, inChunks(content.length))
    const arrived = first.arrived()

    await deliver(kind.open(stored, first.world), throughJson(decision), inChunks(7))
    if (kind.supports.idempotent) assert.deepEqual(first.arrived(), arrived, "the second attempt left a trace")
    const second = makeWorld()
    await deliver(kind.open(stored, second.world), throughJson(decision), inChunks(1))
    assert.deepEqual(second.arrived(), arrived)
  })

  promise("what is delivered has a location and a size", async ({ stored }) => {
    const outcome = await deliverOne(kind.open(stored, makeWorld().world))
    assert.ok(outcome.kind === "delivered", JSON.stringify(outcome))
    assert.notEqual(outcome.location, "")
    assert.ok(outcome.sizeBytes > 0)
  })

  promise("a failure means later, and says whether the batch may have arrived", async ({ stored }) => {
    for (const mayBeDelivered of [true, false]) {
      const { world, fail, arrived } = makeWorld()
      const before = arrived()
      fail({ mayBeDelivered })
      const outcome = await deliverOne(kind.open(stored, world))
      assert.ok(outcome.kind === "later", JSON.stringify(outcome))
      assert.equal(outcome.mayBeDelivered, mayBeDelivered)
      assert.notEqual(outcome.code, "")
      assert.notEqual(outcome.message, "")
      assert.deepEqual(arrived(), before)
    }
  })

  test(`${kind.name}: what it never stored is not opened`, () => {
    assert.throws(() => kind.open({}, makeWorld().world))
  })
}

const content = Buffer.from("one record, another record, and one more; ".repeat(400))
const facts = {
  purpose: "delivery" as const,
  output: { kind: "data" as const },
  streamName: "contract",
  streamVersion: 2,
  oldestArrivalMs: Date.parse("2026-07-13T14:05:06.789Z"),
  recordCount: 1200,
  sizeBytes: content.length,
}

function inChunks(chunkBytes: number): Batch {
  return {
    ...facts,
    async *bytes() {
      for (let at = 0; at < content.length; at += chunkBytes) yield content.subarray(at, at + chunkBytes)
    },
    async *records() {
      yield { lengths: Uint32Array.of(content.length), data: content }
    },
  }
}

function deliverOne(destination: Destination) {
  return destination.deliver(destination.decide(facts), inChunks(1000), new AbortController().signal)
}

async function deliver(destination: Destination, decision: JsonObject, batch: Batch): Promise<void> {
  const outcome = await destination.deliver(decision, batch, new AbortController().signal)
  assert.equal(outcome.kind, "delivered")
}

/** What the delivery loop reads of a destination without delivering anything. */
function facesOf({ buffering, target, errorLog }: Destination) {
  return { buffering, target, errorLog }
}

function create(view: DestinationView, configuration: JsonObject): JsonObject {
  return requireValid(view.create(read(view.configuration, configuration)))
}

function requireValid(configured: Configured): JsonObject {
  assert(configured.kind === "valid", configured.kind === "invalid" ? configured.message : "")
  return configured.stored
}

function read<T>(shape: Shape<T>, value: unknown): T {
  const outcome = readShape(shape, value)
  assert(outcome.kind === "read", JSON.stringify(outcome))
  return outcome.value
}

function throughJson(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(value))
}
