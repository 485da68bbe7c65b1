import {
  advance,
  KeyUnavailableError,
  type MeasuredFrame,
  type Measurement,
  type PartitionReader,
  type Position,
} from "../log/index.ts"

/** A partition as buffers see it: sizes without records. Only of a frame in which a buffer is full, the lengths are read. */
export class MeasuredLog {
  readonly #log: PartitionReader
  /** What is left of the frame that was cut last. */
  #rest: MeasuredFrame | undefined

  constructor(log: PartitionReader) {
    this.#log = log
  }

  /** What there is from `next` on, up to about `bytesMax`. What was left of a frame comes first: it is measured already. */
  async from(next: Position, bytesMax: number): Promise<Measurement> {
    const rest = this.#rest
    this.#rest = undefined
    if (rest?.position !== next) return this.#log.measure(next, bytesMax)
    return { frames: [rest], damage: [], next: advance(rest.position, rest.recordCount) }
  }

  /** As much of a frame as a buffer takes that has room for `bytesWanted`. */
  async cut(frame: MeasuredFrame, bytesWanted: number): Promise<MeasuredFrame> {
    if (frame.sizeBytes <= bytesWanted || frame.recordCount === 1) return frame
    const lengths = await this.#lengthsOf(frame)
    // It was damaged since, or its key is away: it goes into the batch whole, and is told when that is read.
    if (lengths.length < frame.recordCount) return frame
    const { taken, rest } = cutFrame(frame, lengths, bytesWanted)
    this.#rest = rest
    return taken
  }

  /** Of the frame's records, as far as they can be read: of none, without their key. Then attempts fail, and tell why. */
  async #lengthsOf({ position, recordCount }: MeasuredFrame): Promise<number[]> {
    const lengths: number[] = []
    try {
      for await (const piece of this.#log.read(position, advance(position, recordCount))) {
        for (const part of piece.frames) lengths.push(...part.lengths)
      }
    } catch (error) {
      if (!(error instanceof KeyUnavailableError)) throw error
    }
    return lengths
  }
}

/**
 * Cuts a frame behind the record with which its bytes reach `bytesWanted`: that one is the last in a buffer
 * (spec/buffering.md, section 1), and the rest begins the next one. `lengths`: of its records.
 */
function cutFrame(
  frame: MeasuredFrame,
  lengths: Iterable<number>,
  bytesWanted: number,
): { readonly taken: MeasuredFrame; readonly rest: MeasuredFrame | undefined } {
  let recordCount = 0
  let sizeBytes = 0
  for (const length of lengths) {
    recordCount++
    sizeBytes += length
    if (sizeBytes >= bytesWanted) break
  }
  const restCount = frame.recordCount - recordCount
  const position = advance(frame.position, recordCount)
  return {
    taken: { ...frame, recordCount, sizeBytes },
    rest:
      restCount === 0
        ? undefined
        : { ...frame, position, recordCount: restCount, sizeBytes: frame.sizeBytes - sizeBytes },
  }
}
