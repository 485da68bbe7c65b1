import assert from "node:assert/strict"
import {
  AppendError,
  advance,
  asPosition,
  batchOf,
  type LogPartition,
  type Position,
  type ReadPiece,
  type RecordBatch,
} from "../../src/log/index.ts"

/** Less than a large put has, so that frames are cut. */
const recordsPerRead = 3
const bytesPerMeasurement = 300

/**
 * What a log was given and what it answered, over all lives of the process: the truth that the log is compared with.
 * Every record's text is unlike every other one's.
 */
export class LogLedger {
  /** With the records of a put, in their order, for each of them. */
  readonly #putOfRecord = new Map<string, readonly string[]>()
  #acknowledgedCount = 0
  /** What was acknowledged, or once read as durable: delivery may have acted on it. */
  readonly #seen = new Map<Position, string>()
  #trimmedTo = asPosition(0)
  #lostMax = 0
  /** Records that were lost and whose positions were given to others. */
  #replacedCount = 0
  /** The position after the last one that was acknowledged or read. */
  #usedTo = asPosition(0)

  /** Where a reader goes on after a restart: what a delivery's checkpoint says. */
  get trimmedTo(): Position {
    return this.#trimmedTo
  }

  get acknowledgedCount(): number {
    return this.#acknowledgedCount
  }

  /** Appends a new batch of records with these sizes; answers whether it was acknowledged. */
  async append(partition: LogPartition, sizesBytes: readonly number[]): Promise<boolean> {
    const first = this.#putOfRecord.size
    const records = sizesBytes.map((sizeBytes, index) => `${first + index}:`.padEnd(sizeBytes, "x"))
    for (const record of records) this.#putOfRecord.set(record, records)
    try {
      const { position } = await partition.append(batchOf(records.map((record) => Buffer.from(record))))
      assert(position >= this.#trimmedTo, `Position ${position} was trimmed and is given again`)
      for (const [index, record] of records.entries()) this.#see(advance(position, index), record)
      this.#acknowledgedCount += records.length
      return true
    } catch (error) {
      if (error instanceof AppendError) return false
      throw error
    }
  }

  /** Reads up to `count` records from `from` on, and notes them; answers where to read on. */
  async readSome(partition: LogPartition, from: Position, count: number): Promise<Position> {
    let next = from
    for await (const piece of partition.read(from, advance(from, count))) next = this.#note(next, piece)
    assert(next <= from + count, `A read of ${count} records from ${from} goes on to ${next}`)
    return next
  }

  /** Notes a piece of what a reader got that had come to `from`; answers where it goes on. */
  #note(from: Position, { frames, damage, next }: ReadPiece): Position {
    let reached = from
    for (const part of [...frames, ...damage].sort((one, other) => startOf(one) - startOf(other))) {
      assert.equal(startOf(part), reached, `A read from ${from} leaves a gap or gives records twice`)
      if ("lengths" in part) {
        for (const [index, record] of textsOf(part).entries()) this.#see(advance(part.position, index), record)
        reached = advance(part.position, part.lengths.length)
      } else {
        assert(part.to > part.from, `Damage of no records: ${part.reason}`)
        reached = part.to
      }
    }
    assert.equal(next, reached, `A read from ${from} goes on at ${next} and not at ${reached}`)
    return next
  }

  /** Trims as delivery does: that the records are delivered is durable already. */
  async trim(partition: LogPartition, position: Position): Promise<void> {
    this.#trimmedTo = asPosition(Math.max(this.#trimmedTo, position))
    await partition.trim(position)
  }

  /** What delivery does first in a new life: it tells the log which positions are behind it for good. */
  async resume(partition: LogPartition): Promise<void> {
    await partition.skipTo(this.#trimmedTo)
    await partition.trim(this.#trimmedTo)
  }

  /** A stored bit was changed: one frame may be lost by it, of at most so many records. */
  bitFlipped(recordsPerFrameMax: number): void {
    this.#lostMax += recordsPerFrameMax
  }

  /**
   * Compares the log from `trimmedTo` on with the ledger: every record that was acknowledged or read is there at its
   * position, but for those that flipped bits account for, and nothing is there twice or in part. Damage may be told of
   * what was never acknowledged: the remains of a torn write with whole frames after them.
   */
  async check(partition: LogPartition): Promise<void> {
    const found = new Map<Position, string>()
    let next = asPosition(Math.max(partition.start, this.#trimmedTo))
    while (next < partition.end) {
      const from = next
      for await (const piece of partition.read(next, asPosition(Math.min(next + recordsPerRead, partition.end)))) {
        for (const frame of piece.frames) {
          for (const [index, record] of textsOf(frame).entries()) found.set(advance(frame.position, index), record)
        }
        next = this.#note(next, piece)
      }
      assert(next > from, `Nothing is read at ${next}, before the end at ${partition.end}`)
    }
    await this.#checkMeasures(partition, found)
    const records = [...found.values()]
    assert.equal(new Set(records).size, records.length, "Records are there twice")
    const lost: Position[] = []
    for (let position = this.#trimmedTo; position < this.#usedTo; position = advance(position, 1)) {
      if (this.#seen.has(position) && found.get(position) !== this.#seen.get(position)) lost.push(position)
    }
    assert(this.#replacedCount + lost.length <= this.#lostMax, `The records at ${lost} are lost`)
    if (this.#lostMax === 0) this.#checkWholePuts(found)
  }

  /** What is measured is what can be read: nothing is left out, and sizes are those of the records. */
  async #checkMeasures(partition: LogPartition, found: ReadonlyMap<Position, string>): Promise<void> {
    let next = asPosition(Math.max(partition.start, this.#trimmedTo))
    while (next < partition.end) {
      const { frames, damage, next: after } = await partition.measure(next, bytesPerMeasurement)
      assert(after > next, `Nothing is measured at ${next}, before the end at ${partition.end}`)
      const counts = [...frames.map(({ recordCount }) => recordCount), ...damage.map(({ from, to }) => to - from)]
      const sum = counts.reduce((total, count) => total + count, 0)
      assert.equal(sum, after - next, `What is measured from ${next} to ${after}`)
      for (const { position, recordCount, sizeBytes } of frames) {
        const records = Array.from({ length: recordCount }, (_, index) => found.get(advance(position, index)))
        const isWhole = records.every((record) => record !== undefined)
        if (isWhole) assert.equal(sizeBytes, records.join("").length, `The size of the frame at ${position}`)
      }
      next = after
    }
  }

  /** A put is there as a whole, side by side, or not at all. */
  #checkWholePuts(found: ReadonlyMap<Position, string>): void {
    for (const [position, record] of found) {
      const put = this.#putOfRecord.get(record)
      assert(put !== undefined)
      const first = position - put.indexOf(record)
      for (const [index, other] of put.entries()) {
        const place = first + index
        if (place >= this.#trimmedTo) assert.equal(found.get(asPosition(place)), other, `The put at ${first}`)
      }
    }
  }

  /** A record is known to be at a position, for good. */
  #see(position: Position, record: string): void {
    assert(this.#putOfRecord.has(record), `Nobody put what is read at ${position}: ${JSON.stringify(record)}`)
    const seen = this.#seen.get(position)
    if (seen !== undefined && seen !== record) {
      this.#replacedCount++
      assert(this.#replacedCount <= this.#lostMax, `Position ${position} held ${seen}, and now holds ${record}`)
    }
    this.#seen.set(position, record)
    this.#usedTo = asPosition(Math.max(this.#usedTo, position + 1))
  }
}

function startOf(part: ReadPiece["frames"][number] | ReadPiece["damage"][number]): Position {
  return "lengths" in part ? part.position : part.from
}

function textsOf({ lengths, data }: RecordBatch): string[] {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()
  let offset = 0
  return Array.from(lengths, (length) => {
    offset += length
    return text.slice(offset - length, offset)
  })
}
