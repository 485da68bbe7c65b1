import {
  createSimulatedRandom,
  Life,
  SimulatedClock,
  SimulatedDisk,
  type SimulatedRandom,
} from "../../src/platform/simulated/index.ts"
import type { Catalog } from "../../src/streams/index.ts"
import { CatalogLedger } from "./catalog-ledger.ts"
import { hostileFaults } from "./hostile-faults.ts"
import { isDiskFailure } from "./is-disk-failure.ts"
import { openCatalog } from "./open-catalog.ts"
import type { Run } from "./scenario.ts"
import { Trace } from "./trace.ts"

const names = ["orders", "clicks", "audit"]

/** The catalog in the hands of several callers, over some lives that end by a crash, on a disk that may fail. */
export async function runCatalog(seed: number, onEvent: (event: string) => void = () => undefined): Promise<Run> {
  const world = new CatalogWorld(seed, onEvent)
  const lives = 2 + world.random.integer(4)
  for (let count = 0; count < lives; count++) await world.liveOnce()
  await world.finish()
  return { traceHash: world.trace.hash, facts: { lives, answered: world.ledger.answeredCount } }
}

class CatalogWorld {
  readonly trace: Trace
  readonly random: SimulatedRandom
  readonly ledger = new CatalogLedger(names)
  readonly #clock = new SimulatedClock()
  readonly #disk: SimulatedDisk

  constructor(seed: number, onEvent: (event: string) => void) {
    this.trace = new Trace(onEvent)
    this.random = createSimulatedRandom(seed)
    this.#disk = new SimulatedDisk({
      random: this.random.fork(),
      clock: this.#clock,
      observe: ({ kind, path }) => this.trace.add(this.#clock.elapsed(), `${kind} ${path}`),
    })
  }

  /** One life under whatever faults chance brings, and its end. */
  async liveOnce(): Promise<void> {
    const { random } = this
    this.#disk.setFaults(hostileFaults(random))
    const life = new Life()
    const using = this.#use(life)
    const crash = this.#clock.sleep(random.fraction() * random.choice([20, 200, 500])).then(() => {
      const kind = random.choice(["power", "process"] as const)
      this.trace.add(this.#clock.elapsed(), `${kind} fails`)
      this.#disk.crash(kind)
    })
    await this.#clock.run(Promise.all([crash, Promise.race([using, life.ended])]), 600_000)
    if (random.chance(0.2)) this.#clock.jumpWallClock((random.fraction() - 0.5) * 3_600_000)
  }

  /** A last life without faults. */
  async finish(): Promise<void> {
    this.#disk.setFaults({})
    await this.#clock.run(this.#open(new Life()), 600_000)
  }

  async #use(life: Life): Promise<void> {
    const catalog = await this.#openIfPossible(life)
    if (catalog === undefined) return
    const { random } = this
    const changeForEver = async (name: string) => {
      for (;;) {
        await life.clock(this.#clock).sleep(random.fraction() * 20)
        await this.ledger.ask(catalog, name, random.choice(["create", "change", "change", "remove"] as const))
      }
    }
    await Promise.all(names.map(changeForEver))
  }

  /** Undefined when the disk fails during the start: the process ends, and is started again. */
  async #openIfPossible(life: Life): Promise<Catalog | undefined> {
    try {
      return await this.#open(life)
    } catch (error) {
      if (isDiskFailure(error)) return undefined
      throw error
    }
  }

  async #open(life: Life): Promise<Catalog> {
    const catalog = await openCatalog({ disk: this.#disk, clock: this.#clock, random: this.random.fork(), life })
    this.ledger.check(catalog)
    return catalog
  }
}
