import type { Clock } from "../clock.ts"
import type { Disk, DiskFile, DiskFileMode } from "../disk.ts"
import { DiskError } from "./disk-error.ts"
import { FileContent } from "./file-content.ts"
import { type Entry, Folder, FolderTree } from "./folder-tree.ts"
import type { Life } from "./life.ts"
import type { SimulatedRandom } from "./random.ts"

/** What a crash can find changed: each is an operation that has a number. */
const changingKinds = [
  "create",
  "write",
  "durableWrite",
  "sync",
  "truncate",
  "makeFolder",
  "rename",
  "remove",
  "removeFolder",
  "syncFolder",
] as const
const readingKinds = ["open", "size", "read", "list", "freeBytes"] as const
export type OperationKind = (typeof changingKinds)[number] | (typeof readingKinds)[number]

/** Told of each operation that changes something, as it begins. */
export interface DiskOperation {
  /** Counted from 1, over the whole life of the disk. */
  readonly number: number
  readonly kind: OperationKind
  readonly path: string
}

/**
 * - `power`: what was not synced is on the disk in part, or not.
 * - `process`: what was written stays readable, and is as little durable as before.
 */
export type CrashKind = "power" | "process"

export interface SimulatedDiskOptions {
  readonly random: SimulatedRandom
  /** Operations take their time by it, so that they interleave. Without one, each takes a few turns of promises. */
  readonly clock?: Clock
  readonly capacityBytes?: number
  readonly observe?: (operation: DiskOperation) => void
}

/** What an operation does, when it does not fail. */
interface Action<T> {
  /** Happens at one moment, somewhere between the call and the answer. Throws a DiskError to refuse. */
  readonly start: () => T
  /** Happens just before the answer. */
  readonly finish?: (started: T) => void
  /** What is left behind when a fault makes it fail. */
  readonly fail?: () => void
}

/**
 * A disk in memory that is as unkind as disk.ts allows. A process reaches it through what `mount` gives to its life; the
 * test crashes it, and mounts what is left for the next life.
 */
export class SimulatedDisk {
  readonly #random: SimulatedRandom
  readonly #clock: Clock | undefined
  readonly #observe: (operation: DiskOperation) => void
  #tree = new FolderTree()
  /** The lives that it is mounted for and that go on. */
  readonly #lives = new Set<Life>()
  #operationCount = 0
  #plannedCrash:
    | { readonly operationNumber: number; readonly moment: "before" | "after"; readonly kind: CrashKind }
    | undefined
  #faultChances: Partial<Record<OperationKind, number>> = {}
  #plannedFaults: { readonly kind: OperationKind; readonly code: string }[] = []

  /** Bytes that all files together may have; a write beyond it fails with ENOSPC after the part that fits. */
  capacityBytes: number
  /** While true, whatever would change something fails with EROFS. */
  readOnly = false

  constructor(options: SimulatedDiskOptions) {
    this.#random = options.random
    this.#clock = options.clock
    this.#observe = options.observe ?? (() => undefined)
    this.capacityBytes = options.capacityBytes ?? 2 ** 40
  }

  /** Operations so far that change something. */
  get operationCount(): number {
    return this.#operationCount
  }

  /** Every file, in the order of the paths. */
  get files(): readonly { readonly path: string; readonly sizeBytes: number }[] {
    return this.#tree.files().map(({ path, content }) => ({ path, sizeBytes: content.sizeBytes }))
  }

  /** The chance of each kind of operation to fail with EIO, in place of those set before. */
  setFaults(chances: Partial<Record<OperationKind, number>>): void {
    this.#faultChances = chances
  }

  /** Makes the next operation of a kind fail. */
  failNext(kind: OperationKind, code = "EIO"): void {
    this.#plannedFaults.push({ kind, code })
  }

  /**
   * Crashes `before` the operation with this number, in its place, or `after` it: when it has done all it does, and
   * nobody knows of it yet.
   */
  crashAt(moment: "before" | "after", operationNumber: number, kind: CrashKind = "power"): void {
    this.#plannedCrash = { operationNumber, moment, kind }
  }

  /** Ends every life that uses the disk, and leaves what survives for the next one. */
  crash(kind: CrashKind = "power"): void {
    for (const life of this.#lives) life.end()
    this.#lives.clear()
    this.#plannedCrash = undefined
    if (kind === "process") this.#tree.stopProcess(this.#random)
    else this.#tree.failPower(this.#random, this.#random.choice([0, 1, 0.5, this.#random.fraction()]))
  }

  /** Flips one bit of what is durable of a file; false when that byte is not durable. */
  flipBit(path: string, byteOffset: number, bit: number): boolean {
    return this.#file("open", path).flipBit(byteOffset, bit)
  }

  /** Another disk with the same content, to go on from here in more than one way. Only right after a power failure. */
  copy(options: SimulatedDiskOptions): SimulatedDisk {
    const copy = new SimulatedDisk(options)
    copy.#tree = this.#tree.copy()
    return copy
  }

  /** The disk as a process sees it that lives until `life` ends. */
  mount(life: Life): Disk {
    this.#lives.add(life)
    const operate = <T>(kind: OperationKind, path: string, action: Action<T>) => this.#operate(life, kind, path, action)
    return {
      open: (path, mode) =>
        mode !== "read" && mode !== "update"
          ? operate("create", path, {
              start: () => {
                const content = new FileContent()
                return { content, complete: this.#create("create", path, content) }
              },
              finish: ({ complete }) => complete(),
            }).then(({ content }) => this.#handle(life, path, content, mode))
          : operate("open", path, { start: () => this.#file("open", path) }).then((content) =>
              this.#handle(life, path, content, mode),
            ),
      list: (path) => operate("list", path, { start: () => [...this.#folder("list", path).names.keys()].sort() }),
      makeFolder: async (path) => {
        await operate("makeFolder", path, {
          start: () => this.#makeFolders(segmentsOf(path)),
          finish: (finishAll) => finishAll(),
        })
      },
      rename: async (from, to) => {
        await operate("rename", from, { start: () => this.#rename(from, to), finish: (complete) => complete() })
      },
      remove: async (path) => {
        await operate("remove", path, { start: () => this.#remove(path), finish: (complete) => complete() })
      },
      removeFolder: async (path) => {
        await operate("removeFolder", path, {
          start: () => this.#removeFolder(segmentsOf(path)),
          finish: (finishAll) => finishAll(),
        })
      },
      syncFolder: async (path) => {
        await operate("syncFolder", path, {
          start: () => this.#tree.sync(this.#folder("syncFolder", path)),
          finish: (complete) => complete(),
        })
      },
      freeBytes: (path) => operate("freeBytes", path, { start: () => Math.max(0, this.#freeBytes()) }),
    }
  }

  async #operate<T>(life: Life, kind: OperationKind, path: string, action: Action<T>): Promise<T> {
    const changes = (changingKinds as readonly OperationKind[]).includes(kind)
    if (life.over) return forever()
    const number = changes ? ++this.#operationCount : undefined
    if (number !== undefined) this.#observe({ number, kind, path })
    this.#crashIfPlanned("before", number)
    try {
      await this.#takeTime(life, kind)
      const code = changes && this.readOnly ? "EROFS" : this.#nextFault(kind)
      if (code !== undefined) {
        if (code !== "EROFS") action.fail?.()
        throw new DiskError(code, kind, path)
      }
      const started = action.start()
      if (changes) await this.#takeTime(life, kind)
      action.finish?.(started)
      return started
    } finally {
      if (this.#crashIfPlanned("after", number)) await forever()
    }
  }

  #crashIfPlanned(moment: "before" | "after", operationNumber: number | undefined): boolean {
    const planned = this.#plannedCrash
    if (planned === undefined || planned.operationNumber !== operationNumber || planned.moment !== moment) return false
    this.crash(planned.kind)
    return true
  }

  /** Lets others go first. Never resolves when the life ends meanwhile. */
  #takeTime(life: Life, kind: OperationKind): Promise<void> {
    return life.bound(this.#clock?.sleep(this.#durationMs(kind)) ?? Promise.resolve())
  }

  /** Half of what an operation takes: a fraction of a millisecond, a sync some, and now and then far more. */
  #durationMs(kind: OperationKind): number {
    const usualMs = ["sync", "syncFolder", "durableWrite"].includes(kind) ? 4 : 0.2
    return this.#random.fraction() * (this.#random.chance(0.01) ? 100 * usualMs : usualMs)
  }

  #nextFault(kind: OperationKind): string | undefined {
    const planned = this.#plannedFaults.findIndex((fault) => fault.kind === kind)
    if (planned >= 0) return this.#plannedFaults.splice(planned, 1)[0]?.code
    const chance = this.#faultChances[kind]
    return chance !== undefined && this.#random.chance(chance) ? "EIO" : undefined
  }

  #handle(life: Life, path: string, content: FileContent, mode: DiskFileMode): DiskFile {
    let open = true
    const operate = <T>(kind: OperationKind, action: Action<T>) => {
      const isRefused = !open || (mode === "read" && (kind === "write" || kind === "truncate"))
      const start = () => {
        if (isRefused) throw new DiskError("EBADF", kind, path)
        return action.start()
      }
      return this.#operate(life, kind, path, { ...action, start })
    }
    return {
      path,
      size: () => operate("size", { start: () => content.sizeBytes }),
      read: (target, offset) => operate("read", { start: () => content.read(target, offset) }),
      write: async (chunks, offset) => {
        const bytes = Buffer.concat(chunks)
        const isDurable = mode === "create-durable"
        await operate(isDurable ? "durableWrite" : "write", {
          start: () => this.#write(content, path, bytes, offset),
          finish: (complete) => {
            complete()
            // A file's writes are all durable or none is: this makes no other one durable.
            if (isDurable) content.sync()()
          },
          fail: () => {
            const isCutShort = !isDurable || this.#random.chance(0.5)
            const writtenBytes = isCutShort ? this.#random.integer(bytes.byteLength + 1) : bytes.byteLength
            content.write(bytes.subarray(0, writtenBytes), offset)()
            if (isDurable) content.failSync(this.#random)
          },
        })
      },
      sync: async () => {
        await operate("sync", {
          start: () => content.sync(),
          finish: (complete) => complete(),
          fail: () => content.failSync(this.#random),
        })
      },
      truncate: async (sizeBytes) => {
        await operate("truncate", { start: () => content.resize(sizeBytes), finish: (complete) => complete() })
      },
      close: async () => {
        if (life.over) return forever()
        open = false
      },
    }
  }

  #write(content: FileContent, path: string, bytes: Buffer, offset: number): () => void {
    const grownBytes = Math.max(0, offset + bytes.byteLength - content.sizeBytes)
    const missingBytes = grownBytes - this.#freeBytes()
    if (grownBytes === 0 || missingBytes <= 0) return content.write(bytes, offset)
    content.write(bytes.subarray(0, Math.max(0, bytes.byteLength - missingBytes)), offset)()
    throw new DiskError("ENOSPC", "write", path)
  }

  /** Puts a new entry under a name that nobody has. */
  #create(kind: OperationKind, path: string, entry: Entry): () => void {
    const { folder, name } = this.#place(kind, path)
    if (folder.names.has(name)) throw new DiskError("EEXIST", kind, path)
    if (this.#freeBytes() <= 0) throw new DiskError("ENOSPC", kind, path)
    return this.#tree.change({ folder, name, entry })
  }

  /**
   * Makes a folder with those above it; returns a function that makes their names durable, also of those that are there
   * already: a process that was killed may have left them so.
   */
  #makeFolders(segments: readonly string[]): () => void {
    const paths = segments.map((_, index) => segments.slice(0, index + 1))
    const completes = paths
      .filter((path) => !(this.#tree.find(path) instanceof Folder))
      .map((path) => this.#create("makeFolder", pathOf(path), new Folder()))
    return () => {
      for (const complete of completes) complete()
      for (const path of paths) this.#tree.sync(this.#folder("makeFolder", pathOf(path.slice(0, -1))))()
    }
  }

  #rename(from: string, to: string): () => void {
    const entry = this.#entry("rename", from)
    const source = this.#place("rename", from)
    const target = this.#place("rename", to)
    const replaced = target.folder.names.get(target.name)
    if (replaced === entry) return () => undefined
    if (replaced instanceof Folder) {
      if (!(entry instanceof Folder)) throw new DiskError("EISDIR", "rename", to)
      if (replaced.names.size > 0) throw new DiskError("ENOTEMPTY", "rename", to)
    } else if (replaced !== undefined && entry instanceof Folder) throw new DiskError("ENOTDIR", "rename", to)
    return this.#tree.change({ ...target, entry }, { ...source, entry: undefined })
  }

  #remove(path: string): () => void {
    this.#file("remove", path)
    return this.#tree.change({ ...this.#place("remove", path), entry: undefined })
  }

  /** Removes what is in a folder name by name, then the folder. */
  #removeFolder(segments: readonly string[]): () => void {
    const entry = this.#tree.find(segments)
    if (entry === undefined) return () => undefined
    const inside = entry instanceof Folder ? [...entry.names.keys()].sort() : []
    const completes = inside.map((name) => this.#removeFolder([...segments, name]))
    const place = this.#place("removeFolder", pathOf(segments))
    completes.push(this.#tree.change({ ...place, entry: undefined }))
    return () => {
      for (const complete of completes) complete()
    }
  }

  #freeBytes(): number {
    return this.capacityBytes - this.#tree.usedBytes
  }

  #entry(kind: OperationKind, path: string): Entry {
    const entry = this.#tree.find(segmentsOf(path))
    if (entry === undefined) throw new DiskError("ENOENT", kind, path)
    return entry
  }

  #file(kind: OperationKind, path: string): FileContent {
    const entry = this.#entry(kind, path)
    if (entry instanceof Folder) throw new DiskError("EISDIR", kind, path)
    return entry
  }

  #folder(kind: OperationKind, path: string): Folder {
    const entry = this.#entry(kind, path)
    if (entry instanceof Folder) return entry
    throw new DiskError("ENOTDIR", kind, path)
  }

  /** Where a name is, or would be. */
  #place(kind: OperationKind, path: string): { readonly folder: Folder; readonly name: string } {
    const segments = segmentsOf(path)
    const name = segments.at(-1)
    if (name === undefined) throw new DiskError("EBUSY", kind, path)
    return { folder: this.#folder(kind, pathOf(segments.slice(0, -1))), name }
  }
}

/** Each call makes a promise of its own, so that whoever waits for it can be collected. */
function forever(): Promise<never> {
  return new Promise(() => undefined)
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".")
}

function pathOf(segments: readonly string[]): string {
  return `/${segments.join("/")}`
}
