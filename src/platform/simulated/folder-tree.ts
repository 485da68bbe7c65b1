import type { FileContent } from "./file-content.ts"
import type { SimulatedRandom } from "./random.ts"

export type Entry = FileContent | Folder

/** A folder: the names that a program sees, and those that are on the platter. */
export class Folder {
  readonly names = new Map<string, Entry>()
  readonly durableNames = new Map<string, Entry>()
}

/** One name in one folder that changes: undefined for a name that goes. */
export interface NameChange {
  readonly folder: Folder
  readonly name: string
  readonly entry: Entry | undefined
}

/** Changes that the file system makes together, such as the two of a rename. */
interface CachedStep {
  changes: readonly NameChange[]
  /** A sync covers what was complete when it began. */
  complete: boolean
}

/**
 * The names of a disk. A change of names is durable once the folder that holds them is synced; in a power failure each
 * one before that is kept or undone, except that none is kept whose names an undone one had changed before it.
 */
export class FolderTree {
  readonly root: Folder
  #cached: CachedStep[] = []

  constructor(root: Folder = new Folder()) {
    this.root = root
  }

  find(segments: readonly string[]): Entry | undefined {
    let entry: Entry | undefined = this.root
    for (const segment of segments) entry = entry instanceof Folder ? entry.names.get(segment) : undefined
    return entry
  }

  /** Makes changes; returns a function to call when they are complete. */
  change(...changes: readonly NameChange[]): () => void {
    const step = { changes, complete: false }
    this.#cached.push(step)
    for (const { folder, name, entry } of changes) set(folder.names, name, entry)
    return () => {
      step.complete = true
    }
  }

  /** Begins a sync of a folder's names; returns a function that makes durable what it covers. */
  sync(folder: Folder): () => void {
    const covered = this.#cached.filter((step) => step.complete)
    return () => {
      for (const step of covered) {
        // Where a name went away by a rename, the new one must be there: then the step is written as a whole.
        const whole = step.changes.some((change) => change.folder === folder && change.entry === undefined)
        const written = step.changes.filter((change) => whole || change.folder === folder)
        written.forEach(makeDurable)
        step.changes = step.changes.filter((change) => !written.includes(change))
      }
      this.#cached = this.#cached.filter((step) => step.changes.length > 0)
    }
  }

  /** The process is gone and the machine is not. */
  stopProcess(random: SimulatedRandom): void {
    for (const step of this.#cached) step.complete = true
    for (const file of this.files()) file.content.stopProcess(random)
  }

  /** The machine is gone; `survival` is the chance of each unsynced piece to be on the disk. */
  failPower(random: SimulatedRandom, survival: number): void {
    const undone: NameChange[] = []
    for (const { changes } of this.#cached) {
      const follows = changes.some((change) =>
        undone.some((other) => other.folder === change.folder && other.name === change.name),
      )
      if (!follows && random.chance(survival)) changes.forEach(makeDurable)
      else undone.push(...changes)
    }
    this.#cached = []
    forgetCachedNames(this.root)
    for (const file of this.files()) file.content.failPower(random, survival)
  }

  /** Every file that can be seen, with its path, in the order of the paths. */
  files(): { readonly path: string; readonly content: FileContent }[] {
    return filesIn(this.root, "").sort((one, other) => (one.path < other.path ? -1 : 1))
  }

  /** Of all files together. */
  get usedBytes(): number {
    return usedBytesOf(this.root)
  }

  /** The same names and files on another disk; only while nothing is cached, as after a power failure. */
  copy(): FolderTree {
    if (this.#cached.length > 0) throw new Error("Cannot copy a disk with names that are not durable")
    return new FolderTree(copyFolder(this.root))
  }
}

function set(names: Map<string, Entry>, name: string, entry: Entry | undefined): void {
  if (entry === undefined) names.delete(name)
  else names.set(name, entry)
}

function makeDurable({ folder, name, entry }: NameChange): void {
  set(folder.durableNames, name, entry)
}

function forgetCachedNames(folder: Folder): void {
  folder.names.clear()
  for (const [name, entry] of folder.durableNames) {
    folder.names.set(name, entry)
    if (entry instanceof Folder) forgetCachedNames(entry)
  }
}

function filesIn(folder: Folder, path: string): { path: string; content: FileContent }[] {
  return [...folder.names].flatMap(([name, entry]) =>
    entry instanceof Folder ? filesIn(entry, `${path}/${name}`) : [{ path: `${path}/${name}`, content: entry }],
  )
}

function usedBytesOf(folder: Folder): number {
  let usedBytes = 0
  for (const entry of folder.names.values()) {
    usedBytes += entry instanceof Folder ? usedBytesOf(entry) : entry.sizeBytes
  }
  return usedBytes
}

function copyFolder(folder: Folder): Folder {
  const copy = new Folder()
  for (const [name, entry] of folder.durableNames) {
    const entryCopy = entry instanceof Folder ? copyFolder(entry) : entry.copy()
    copy.names.set(name, entryCopy)
    copy.durableNames.set(name, entryCopy)
  }
  return copy
}
