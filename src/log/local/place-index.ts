import type { Position } from "../log.ts"

/** Where in a segment's file a frame begins, and the position of its first record. */
export interface Place {
  readonly position: Position
  readonly offset: number
}

/** Bytes between two places that are kept: a reader scans no more than this to find where it begins. */
const gapBytes = 256 * 1024

/**
 * Some of the places where frames begin in one segment, so that a reader need not look from the segment's start. It is
 * filled by writing and by reading, in the order of the file; what nobody has met yet in this life of the process is not in
 * it.
 */
export class PlaceIndex {
  /** In the order of their positions. */
  readonly #places: Place[] = []

  /** Keeps a place, unless one is kept that is near it or beyond. */
  add(place: Place): void {
    const last = this.#places.at(-1)
    if (last === undefined || place.offset >= last.offset + gapBytes) this.#places.push(place)
  }

  /** The last place that is kept of a frame that begins at `position` or before; undefined when there is none. */
  before(position: Position): Place | undefined {
    return this.#places.findLast((place) => place.position <= position)
  }
}
