import assert from "node:assert/strict"
import path from "node:path"
import {
  type Clock,
  type Disk,
  type Random,
  readSealedFile,
  removeIfThere,
  writeSealedFile,
} from "../platform/index.ts"
import type { Catalog, CreateOutcome, NewStream } from "./catalog.ts"
import { notEncrypted, type StreamDefinition } from "./definition.ts"
import { fromStored, toStored } from "./stored-definition.ts"
import { type Identity, streamArn } from "./stream-arn.ts"

export interface LocalCatalogOptions {
  readonly disk: Disk
  /** Holds one file a stream: UID.json. Made when it is missing. */
  readonly folder: string
  readonly clock: Clock
  readonly random: Random
  /** Where the streams are: the parts of their ARNs. */
  readonly identity: Identity
  /** Streams that may exist at a time (spec/ingest.md, section 11). */
  readonly streamsMax: number
}

/**
 * Opens the catalog that keeps each definition in a file of its own, replaced whole at each change.
 * @throws Error naming the file when one can't be read: starting without a stream would lose it unseen
 */
export async function openLocalCatalog(options: LocalCatalogOptions): Promise<Catalog> {
  const { disk, folder } = options
  await disk.makeFolder(folder)
  // A process that was killed may have left changes that are not durable: what is shown from now on must stay.
  await disk.syncFolder(folder)
  const streams = new Map<string, StreamDefinition>()
  const names = await disk.list(folder)
  // A change that was not finished when the last process ended, and so never answered.
  for (const name of names) if (name.endsWith(".new")) await removeIfThere(disk, path.join(folder, name))
  const files = names.filter((name) => name.endsWith(".json")).map((name) => path.join(folder, name))
  for (let first = 0; first < files.length; first += loadedAtATime) {
    const some = files.slice(first, first + loadedAtATime)
    for (const [index, definition] of (await Promise.all(some.map((file) => load(disk, file)))).entries()) {
      if (streams.has(definition.name)) {
        throw new Error(
          `"${folder}" holds two definitions of "${definition.name}": move one away, for example "${some[index]}"`,
        )
      }
      streams.set(definition.name, definition)
    }
  }
  return new LocalCatalog(options, streams)
}

/** Definitions that are read at a time: there may be thousands. */
const loadedAtATime = 64

function fileOf(folder: string, definition: StreamDefinition): string {
  return path.join(folder, `${definition.uid}.json`)
}

async function load(disk: Disk, file: string): Promise<StreamDefinition> {
  try {
    return fromStored(await readSealedFile(disk, file))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `Cannot read the definition of a delivery stream from "${file}": ${reason}. ` +
        "Restore the file, or move it away to start without that stream",
      { cause },
    )
  }
}

class LocalCatalog implements Catalog {
  readonly #options: LocalCatalogOptions
  readonly #streams: Map<string, StreamDefinition>
  readonly #listeners: Parameters<Catalog["onChange"]>[0][] = []
  /** The last change of each name that is under way: the next one waits for it. */
  readonly #changes = new Map<string, Promise<unknown>>()
  /** By name: the file that a failed create may have left, which would make the stream appear at the next start. */
  readonly #leftovers = new Map<string, string>()
  /** Names of creates under way: they count against the limit. */
  readonly #creating = new Set<string>()

  constructor(options: LocalCatalogOptions, streams: Map<string, StreamDefinition>) {
    this.#options = options
    this.#streams = streams
  }

  find(name: string) {
    return this.#streams.get(name)
  }

  list() {
    return [...this.#streams.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  create(stream: NewStream): Promise<CreateOutcome> {
    return this.#oneAtATime(stream.name, async () => {
      if (this.#streams.has(stream.name)) return { kind: "in-use" }
      if (this.#streams.size + this.#creating.size >= this.#options.streamsMax) {
        return { kind: "limit", streams: this.list() }
      }
      this.#creating.add(stream.name)
      try {
        await this.#removeLeftover(stream.name)
        const definition = this.#define(stream)
        this.#leftovers.set(stream.name, fileOf(this.#options.folder, definition))
        await this.#save(definition)
        this.#leftovers.delete(stream.name)
        this.#apply(stream.name, definition)
        return { kind: "created", stream: definition }
      } finally {
        this.#creating.delete(stream.name)
      }
    })
  }

  change(name: string, decide: (current: StreamDefinition) => StreamDefinition) {
    return this.#oneAtATime(name, async () => {
      const current = this.#streams.get(name)
      if (current === undefined) return undefined
      const changed = decide(current)
      if (changed === current) return current
      assert.equal(changed.uid, current.uid, "a change keeps the stream's uid")
      assert.equal(changed.name, current.name, "a change keeps the stream's name")
      await this.#save(changed)
      this.#apply(name, changed)
      return changed
    })
  }

  remove(name: string) {
    return this.#oneAtATime(name, async () => {
      await this.#removeLeftover(name)
      const current = this.#streams.get(name)
      if (current === undefined) return
      await removeIfThere(this.#options.disk, fileOf(this.#options.folder, current))
      await this.#options.disk.syncFolder(this.#options.folder)
      this.#apply(name, undefined)
    })
  }

  onChange(listener: Parameters<Catalog["onChange"]>[0]) {
    this.#listeners.push(listener)
  }

  #define(stream: NewStream): StreamDefinition {
    const { clock, random, identity } = this.#options
    return {
      encryption: notEncrypted,
      ...stream,
      uid: `${stream.name}-${random.bytes(6).toString("hex")}`,
      arn: streamArn(identity, stream.name),
      type: "DirectPut",
      status: { kind: "CREATING" },
      version: 1,
      createdMs: clock.now(),
      deliveryEnabled: true,
      partitionCount: 1,
    }
  }

  async #removeLeftover(name: string) {
    const file = this.#leftovers.get(name)
    if (file === undefined) return
    await removeIfThere(this.#options.disk, file)
    await this.#options.disk.syncFolder(this.#options.folder)
    this.#leftovers.delete(name)
  }

  #save(definition: StreamDefinition) {
    return writeSealedFile(this.#options.disk, fileOf(this.#options.folder, definition), toStored(definition))
  }

  #apply(name: string, now: StreamDefinition | undefined) {
    const before = this.#streams.get(name)
    if (now === undefined) this.#streams.delete(name)
    else this.#streams.set(name, now)
    for (const listener of this.#listeners) listener(now, before)
  }

  /** Runs `work` once every earlier change of the same name is done, whether it succeeded or not. */
  #oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
    const earlier = this.#changes.get(name) ?? Promise.resolve()
    const result = earlier.then(work)
    // The next change must not fail because this one did: its failure goes to its own caller, through `result`.
    const done = result.then(
      () => undefined,
      () => undefined,
    )
    this.#changes.set(name, done)
    void done.then(() => {
      if (this.#changes.get(name) === done) this.#changes.delete(name)
    })
    return result
  }
}
