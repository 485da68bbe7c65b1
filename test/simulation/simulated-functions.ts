import type { Functions, Invocation } from "../../src/functions/index.ts"
import type { Clock } from "../../src/platform/index.ts"
import type { Life, SimulatedRandom } from "../../src/platform/simulated/index.ts"

interface AskedRecord {
  readonly recordId: string
  readonly data: string
}

const partitions = ["red", "green", "blue", "a/b"]

/**
 * A function somewhere in the network that answers differently each time that it is asked: other partitions, other
 * failures, in another order. What it lets through is left as it is, so that a ledger knows it.
 */
export class SimulatedFunctions {
  readonly #clock: Clock
  readonly #random: SimulatedRandom
  /** The chance of an invocation to fail, to hang or to be answered with nonsense. */
  outageChance = 0
  /** What it ever dropped, as its records were put. */
  readonly dropped = new Set<string>()

  constructor(clock: Clock, random: SimulatedRandom) {
    this.#clock = clock
    this.#random = random
  }

  /** The functions as a process sees them that lives until `life` ends. */
  connect(life: Life): Functions {
    return {
      invoke: (_, payload, signal) => life.bound(this.#invoke(payload, signal)),
      close: async () => undefined,
    }
  }

  async #invoke(payload: Uint8Array, signal: AbortSignal): Promise<Invocation> {
    const random = this.#random
    await this.#clock.sleep(random.fraction() * random.choice([10, 1000, 20_000]), signal)
    if (random.chance(this.outageChance)) {
      switch (random.choice(["fails", "hangs", "babbles"] as const)) {
        case "fails":
          return { kind: "failed", code: "Lambda.FunctionError", message: "It fails" }
        case "hangs":
          await this.#clock.sleep(300_000, signal)
          return { kind: "failed", code: "Lambda.FunctionTimedOut", message: "It hangs" }
        case "babbles":
          return { kind: "returned", payload: Buffer.from('{"records":[{"recordId":7},null') }
      }
    }
    signal.throwIfAborted()
    const { records } = JSON.parse(Buffer.from(payload).toString()) as { readonly records: readonly AskedRecord[] }
    return {
      kind: "returned",
      payload: Buffer.from(JSON.stringify({ records: records.map((one) => this.#answer(one)) })),
    }
  }

  #answer({ recordId, data }: AskedRecord): object {
    const random = this.#random
    if (random.chance(0.05)) return { recordId, result: "ProcessingFailed" }
    if (random.chance(0.05)) {
      this.dropped.add(Buffer.from(data, "base64").toString())
      return { recordId, result: "Dropped" }
    }
    const metadata = random.chance(0.05) ? {} : { partitionKeys: { color: random.choice(partitions) } }
    return { recordId, result: "Ok", data, metadata }
  }
}
