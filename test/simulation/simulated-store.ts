import assert from "node:assert/strict"
import type { ObjectStore, ObjectToPut, PutOutcome } from "../../src/objects/index.ts"
import type { Clock } from "../../src/platform/index.ts"
import type { Life, SimulatedRandom } from "../../src/platform/simulated/index.ts"

/** How a store may take a put. All but `stores` are outages. */
const behaviours = [
  "stores",
  "refuses",
  "refuses late",
  "loses the answer",
  "loses the request",
  "stores late",
] as const

/** An object store somewhere in the network: it outlives the process, and what is on its way to it may still arrive. */
export class SimulatedStore {
  /** By bucket and key. */
  readonly objects = new Map<string, string>()
  readonly #clock: Clock
  readonly #random: SimulatedRandom
  readonly #observe: (event: string) => void
  /** The chance of a put to meet with an outage. */
  outageChance = 0

  constructor(clock: Clock, random: SimulatedRandom, observe: (event: string) => void) {
    this.#clock = clock
    this.#random = random
    this.#observe = observe
  }

  /** The store as a process sees it that lives until `life` ends. */
  connect(life: Life): ObjectStore {
    return {
      put: (object, signal) => life.bound(this.#put(object, signal)),
      close: async () => undefined,
    }
  }

  async #put(object: ObjectToPut, signal: AbortSignal): Promise<PutOutcome> {
    const behaviour = this.#random.chance(this.outageChance) ? this.#random.choice(behaviours) : "stores"
    const place = `${object.bucket}/${object.key}`
    this.#observe(`put ${place}: ${behaviour}`)
    const outcome = await this.#take(behaviour, place, object, signal)
    // Who has given up hears nothing of what became of it.
    return signal.aborted ? lost("The request was ended") : outcome
  }

  async #take(
    behaviour: (typeof behaviours)[number],
    place: string,
    object: ObjectToPut,
    signal: AbortSignal,
  ): Promise<PutOutcome> {
    const content = behaviour === "refuses" ? "" : await contentOf(object)
    await this.#clock.sleep(this.#random.fraction() * this.#random.choice([10, 1000, 60_000]))
    switch (behaviour) {
      case "refuses":
      case "refuses late":
        return refused
      case "loses the request":
        await this.#hang(signal)
        return lost("No answer")
      case "loses the answer":
        this.#store(place, content)
        await this.#hang(signal)
        return lost("The connection was reset")
      case "stores late":
        await this.#clock.sleep(this.#random.fraction() * 30 * 60_000)
        this.#store(place, content)
        return { kind: "stored", sizeBytes: content.length }
      case "stores":
        this.#store(place, content)
        return { kind: "stored", sizeBytes: content.length }
    }
  }

  /** For minutes or hours, or until the caller gives up. */
  #hang(signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(this.#random.fraction() * this.#random.choice([20, 20, 300]) * 60_000, signal)
  }

  #store(place: string, content: string): void {
    const earlier = this.objects.get(place)
    if (earlier !== undefined) assert.equal(content, earlier, `Another object is put under the key of "${place}"`)
    this.objects.set(place, content)
    this.#observe(`stored ${place}: ${content.length} bytes`)
  }
}

const refused: PutOutcome = { kind: "later", mayBeStored: false, code: "S3.InternalError", message: "503 Slow Down" }

function lost(message: string): PutOutcome {
  return { kind: "later", mayBeStored: true, code: "InternalError", message }
}

async function contentOf(object: ObjectToPut): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of object.body()) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString("latin1")
}
