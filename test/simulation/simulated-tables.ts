import type { Column } from "../../src/formats/columns/index.ts"
import type { Clock } from "../../src/platform/index.ts"
import type { Life, SimulatedRandom } from "../../src/platform/simulated/index.ts"
import { type Table, TableError, type Tables } from "../../src/tables/index.ts"

/** What every version of the table has: all that a ledger wants to know of a record. */
const known: Column = { name: "record", type: { kind: "string" } }

/** What a version may have beside it; the records have none of it. */
const others: readonly Column[] = [
  { name: "amount", type: { kind: "decimal", precision: 20, scale: 3 } },
  { name: "tags", type: { kind: "array", element: { kind: "string" } } },
  { name: "at", type: { kind: "timestamp" } },
]

/** A catalog of tables somewhere in the network: columns come and go, and it can't always be reached. */
export class SimulatedTables {
  readonly #clock: Clock
  readonly #random: SimulatedRandom
  #version = 1
  #columns: readonly Column[] = [known]
  /** The chance of a look at a table to fail or to hang. */
  outageChance = 0

  constructor(clock: Clock, random: SimulatedRandom) {
    this.#clock = clock
    this.#random = random
  }

  /** The catalog as a process sees it that lives until `life` ends. */
  connect(life: Life): Tables {
    return { read: (_, signal) => life.bound(this.#read(signal)) }
  }

  async #read(signal?: AbortSignal): Promise<Table> {
    const random = this.#random
    await this.#clock.sleep(random.fraction() * random.choice([1, 100, 2000]), signal)
    if (random.chance(this.outageChance)) {
      if (random.chance(0.3)) await this.#clock.sleep(300_000, signal)
      const code = random.choice(["DataFormatConversion.EntityNotFound", "DataFirehose.InternalError"] as const)
      throw new TableError(code, "The catalog has an outage")
    }
    signal?.throwIfAborted()
    if (random.chance(0.1)) {
      this.#version++
      this.#columns = [...others.filter(() => random.chance(0.5)), known]
    }
    return { versionId: String(this.#version), rowType: { kind: "struct", fields: this.#columns } }
  }
}
