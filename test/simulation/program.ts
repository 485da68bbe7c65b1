import path from "node:path"
import { RowSchemaFolder } from "../../src/conversion/index.ts"
import { createDelivery, type Delivery } from "../../src/delivery/index.ts"
import { destinations } from "../../src/destinations/index.ts"
import type { Functions } from "../../src/functions/index.ts"
import { LogIngest } from "../../src/ingest/index.ts"
import { IngestProcesses } from "../../src/ingest-processes/index.ts"
import { KeyFile, Keys } from "../../src/keys/index.ts"
import { type LocalLog, openLocalLog } from "../../src/log/index.ts"
import type { ObjectStore } from "../../src/objects/index.ts"
import { createErrorLog, type ErrorLog, type Logger, type Metrics } from "../../src/observe/index.ts"
import type { Clock, Disk, Random } from "../../src/platform/index.ts"
import { createJqHere } from "../../src/processors/index.ts"
import { StreamLifecycle } from "../../src/stream-lifecycle.ts"
import { type Catalog, openLocalCatalog } from "../../src/streams/index.ts"
import type { Tables } from "../../src/tables/index.ts"
import { hereAndNow } from "../../src/workers/index.ts"

export interface ProgramWorld {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly objects: ObjectStore
  readonly functions: Functions
  readonly tables: Tables
  readonly metrics: Metrics
  readonly logger: Logger
  readonly segmentBytesMax: number
}

/** The program without its network side: what src/server.ts puts together, in a simulated world. */
export class Program {
  readonly catalog: Catalog
  readonly ingest: LogIngest
  readonly delivery: Delivery
  readonly #log: LocalLog
  readonly #errorLog: ErrorLog
  readonly #lifecycle: StreamLifecycle

  /** Opens everything in `folder`, and brings every stream up. */
  static async start(world: ProgramWorld, folder: string): Promise<Program> {
    const { disk, clock, random } = world
    const catalog = await openLocalCatalog({
      disk,
      folder: path.join(folder, "catalog"),
      clock,
      random,
      identity: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
      streamsMax: 50,
    })
    await disk.makeFolder(path.join(folder, "log"))
    const program = new Program(world, folder, catalog)
    await program.#lifecycle.start()
    await program.#lifecycle.settled()
    return program
  }

  private constructor(world: ProgramWorld, folder: string, catalog: Catalog) {
    const { disk, clock, random, objects, functions, tables, metrics, logger, segmentBytesMax } = world
    this.catalog = catalog
    this.#errorLog = createErrorLog({ disk, folder: path.join(folder, "error-logs"), clock, logger })
    this.#log = openLocalLog({
      disk,
      folder: path.join(folder, "log"),
      clock,
      random,
      limits: { segmentBytesMax, segmentAgeMsMax: 3_600_000, queueBytesMax: 4 * 1024 * 1024, queueAgeMsMax: 5000 },
      onNote: (_, note) => logger.warn(note),
    })
    this.ingest = new LogIngest({ disk, folder: path.join(folder, "log"), clock, freeBytesMin: 4000 })
    this.delivery = createDelivery({
      disk,
      folder: path.join(folder, "delivery"),
      spoolFolder: path.join(folder, "spool"),
      clock,
      random,
      metrics,
      logger,
      errorLog: this.#errorLog,
      kinds: destinations,
      world: {
        objects,
        random,
        workers: hereAndNow,
        processors: {
          clock,
          random,
          logger,
          functions,
          jq: createJqHere(),
          extensions: { oneToMany: false },
        },
        tables,
        rowSchemas: new RowSchemaFolder(disk, path.join(folder, "row-schemas")),
      },
      limits: { intervalMsMax: undefined, retentionMs: 24 * 3_600_000 },
    })
    const file = path.join(folder, "keys", "encryption.keys")
    const isEncrypted = () => catalog.list().some(({ encryption }) => encryption.dataKeys.length > 0)
    const wrapper = new KeyFile({ disk, random, file, mayBeMade: () => !isEncrypted() })
    this.#lifecycle = new StreamLifecycle({
      processes: IngestProcesses.none,
      clock,
      catalog,
      keys: new Keys({ clock, random, wrapper, metrics, logger }),
      log: this.#log,
      ingest: this.ingest,
      delivery: this.delivery,
      logger,
    })
  }

  /** Stops as the server does. */
  async close(): Promise<void> {
    await this.#lifecycle.close(Number.MAX_SAFE_INTEGER)
    await this.delivery.close(10_000)
    await this.#log.close()
    await this.#errorLog.close()
  }
}
