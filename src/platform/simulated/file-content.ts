import { GrowingBytes } from "./growing-bytes.ts"
import type { SimulatedRandom } from "./random.ts"

type Change =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Buffer }
  /** At least so large: what a write does to the size, which can reach the disk without the bytes. */
  | { readonly kind: "grow"; readonly sizeBytes: number }
  | { readonly kind: "resize"; readonly sizeBytes: number }

/** A change that only the page cache holds. */
interface CachedChange {
  change: Change
  /** A sync covers what was complete when it began. */
  complete: boolean
  /** A sync that covered it failed: the page passes for clean, so no later sync writes it. */
  forsaken: boolean
}

/** Of a write, each sector reaches the disk or not by itself. */
const sectorBytes = 512

/**
 * The content of one file: what is on the platter, and the changes since then that the page cache holds.
 *
 * In a power failure each sector of each unsynced write is kept or lost, one of them in part, and the size grows to
 * anything between: what grew without its bytes reads as zeros, or as whatever the disk held there before.
 */
export class FileContent {
  #durable: GrowingBytes
  /** What a reader sees: the durable bytes with all cached changes made to them. */
  #current: GrowingBytes
  #cached: CachedChange[] = []

  constructor(durable: GrowingBytes = new GrowingBytes()) {
    this.#durable = durable
    this.#current = durable.copy()
  }

  get sizeBytes(): number {
    return this.#current.sizeBytes
  }

  read(target: Uint8Array, offset: number): number {
    return this.#current.read(target, offset)
  }

  /** Returns a function to call when the write is complete. `bytes` is kept. */
  write(bytes: Buffer, offset: number): () => void {
    return this.#change({ kind: "write", bytes, offset })
  }

  /** Returns a function to call when the change is complete. */
  resize(sizeBytes: number): () => void {
    return this.#change({ kind: "resize", sizeBytes })
  }

  /** Begins a sync; returns a function that makes durable what it covers. */
  sync(): () => void {
    const covered = new Set(this.#cached.filter((cached) => cached.complete && !cached.forsaken))
    return () => {
      for (const { change } of covered) apply(change, this.#durable)
      this.#cached = this.#cached.filter((cached) => !covered.has(cached))
    }
  }

  /**
   * A sync that fails, as Linux does it: of each write that it covered, the bytes reached the disk after all, or are gone
   * at once, or can be read until the next power failure. A later sync succeeds and repairs nothing.
   */
  failSync(random: SimulatedRandom): void {
    for (const cached of this.#cached) {
      if (!cached.complete || cached.forsaken || cached.change.kind !== "write") continue
      const { bytes, offset } = cached.change
      const fate = random.choice(["written", "gone", "forsaken"] as const)
      if (fate === "forsaken") cached.forsaken = true
      else cached.change = { kind: "grow", sizeBytes: offset + bytes.byteLength }
      if (fate === "written") this.#durable.write(bytes, offset)
    }
    this.#rebuild()
  }

  /** The process is gone and the machine is not: the cache stays, and a write under way may be cut short. */
  stopProcess(random: SimulatedRandom): void {
    for (const cached of this.#cached) {
      const { change } = cached
      if (!cached.complete && change.kind === "write") {
        cached.change = { ...change, bytes: change.bytes.subarray(0, random.integer(change.bytes.byteLength + 1)) }
      }
      cached.complete = true
    }
    this.#rebuild()
  }

  /** The machine is gone; `survival` is the chance of each unsynced piece to be on the disk. */
  failPower(random: SimulatedRandom, survival: number): void {
    const oldSizeBytes = this.#durable.sizeBytes
    const holesHoldGarbage = random.chance(1 / 8)
    for (const { change } of this.#cached) {
      for (const piece of pieces(change, random)) {
        if (random.chance(survival)) apply(piece, this.#durable)
        else if (holesHoldGarbage && piece.kind === "write") overwriteFrom(oldSizeBytes, this.#durable, piece, random)
      }
    }
    this.#cached = []
    this.#rebuild()
  }

  /** Flips a bit of what is durable; false when that byte is not. */
  flipBit(offset: number, bit: number): boolean {
    if (offset >= this.#durable.sizeBytes) return false
    this.#durable.flipBit(offset, bit)
    this.#rebuild()
    return true
  }

  /** The same file on another disk. */
  copy(): FileContent {
    const copy = new FileContent(this.#durable.copy())
    copy.#cached = this.#cached.map((cached) => ({ ...cached }))
    copy.#rebuild()
    return copy
  }

  #change(change: Change): () => void {
    const cached = { change, complete: false, forsaken: false }
    this.#cached.push(cached)
    apply(change, this.#current)
    return () => {
      cached.complete = true
    }
  }

  #rebuild(): void {
    this.#current = this.#durable.copy()
    for (const { change } of this.#cached) apply(change, this.#current)
  }
}

function apply(change: Change, bytes: GrowingBytes): void {
  if (change.kind === "write") bytes.write(change.bytes, change.offset)
  else if (change.kind === "grow") bytes.growTo(change.sizeBytes)
  else bytes.resize(change.sizeBytes)
}

/** What survives a power failure by itself: the growth of the file, and the bytes sector by sector, one of them torn. */
function* pieces(change: Change, random: SimulatedRandom): Generator<Change> {
  if (change.kind !== "write") return yield change
  const { bytes, offset } = change
  const endOffset = offset + bytes.byteLength
  yield { kind: "grow", sizeBytes: endOffset }
  const tornOffset = offset + random.integer(bytes.byteLength + 1)
  for (let from = offset; from < endOffset; ) {
    const sectorEnd = Math.min(endOffset, (Math.floor(from / sectorBytes) + 1) * sectorBytes)
    const to = from < tornOffset && tornOffset < sectorEnd ? tornOffset : sectorEnd
    yield { kind: "write", bytes: bytes.subarray(from - offset, to - offset), offset: from }
    from = to
  }
}

/** Puts garbage where a lost piece would be, as far as that is beyond the old end of the file and within the new one. */
function overwriteFrom(
  oldSizeBytes: number,
  durable: GrowingBytes,
  piece: { readonly bytes: Buffer; readonly offset: number },
  random: SimulatedRandom,
): void {
  const from = Math.max(piece.offset, oldSizeBytes)
  const to = Math.min(piece.offset + piece.bytes.byteLength, durable.sizeBytes)
  if (from < to) durable.write(random.bytes(to - from), from)
}
