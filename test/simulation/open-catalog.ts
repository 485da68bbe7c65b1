import type { Clock } from "../../src/platform/index.ts"
import type { Life, SimulatedDisk, SimulatedRandom } from "../../src/platform/simulated/index.ts"
import { type Catalog, openLocalCatalog } from "../../src/streams/index.ts"

/** A catalog of its own on a simulated disk, for one life. */
export function openCatalog(world: {
  readonly disk: SimulatedDisk
  readonly clock: Clock
  readonly random: SimulatedRandom
  readonly life: Life
}): Promise<Catalog> {
  return openLocalCatalog({
    disk: world.disk.mount(world.life),
    folder: "/data/catalog",
    clock: world.life.clock(world.clock),
    random: world.random,
    identity: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
    streamsMax: 10,
  })
}
