import { asPosition, type Position } from "../log/index.ts"

/**
 * The journal's records, JSON arrays: a frame holds one chunk, whole. Its first record says what was processed, and where
 * the file is that holds what came out; each other one is a block of that.
 *
 *     ["chunk", from, to, file, keyId]
 *     ["block", output, offset, storedBytes, crc, recordCount, sizeBytes, sourceBytes, oldestArrivalMs, newestArrivalMs]
 */
export type JournalEntry =
  | {
      readonly kind: "chunk"
      /** The source records that were processed. */
      readonly from: Position
      readonly to: Position
      /** The file's name; empty when nothing came out. */
      readonly file: string
      /** Of the key that its blocks are sealed with; empty when they are not. */
      readonly keyId: string
    }
  | ({ readonly kind: "block" } & BlockEntry)

export interface BlockEntry {
  /** Which buffer it belongs to, as whoever stored it calls that. */
  readonly output: string
  readonly offset: number
  readonly storedBytes: number
  /** CRC-32 of what is stored. */
  readonly crc: number
  readonly recordCount: number
  /** Bytes of its records. */
  readonly sizeBytes: number
  /** Bytes of the source records that they were made of. */
  readonly sourceBytes: number
  readonly oldestArrivalMs: number
  readonly newestArrivalMs: number
}

export function encodeEntry(entry: JournalEntry): Buffer {
  const values =
    entry.kind === "chunk"
      ? [entry.kind, entry.from, entry.to, entry.file, entry.keyId]
      : [
          entry.kind,
          entry.output,
          entry.offset,
          entry.storedBytes,
          entry.crc,
          entry.recordCount,
          entry.sizeBytes,
          entry.sourceBytes,
          entry.oldestArrivalMs,
          entry.newestArrivalMs,
        ]
  return Buffer.from(JSON.stringify(values))
}

/** @throws Error when the bytes are no entry: they were checked when they were read, so a later version wrote them */
export function decodeEntry(bytes: Uint8Array): JournalEntry {
  const values: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
  const next = reader(values)
  const kind = next.text()
  if (kind === "chunk") {
    return {
      kind,
      from: asPosition(next.number()),
      to: asPosition(next.number()),
      file: next.text(),
      keyId: next.text(),
    }
  }
  if (kind !== "block") throw new Error(`The spool's journal holds an entry of an unknown kind: "${kind}"`)
  return {
    kind,
    output: next.text(),
    offset: next.number(),
    storedBytes: next.number(),
    crc: next.number(),
    recordCount: next.number(),
    sizeBytes: next.number(),
    sourceBytes: next.number(),
    oldestArrivalMs: next.number(),
    newestArrivalMs: next.number(),
  }
}

function reader(values: unknown) {
  let index = 0
  const next = () => {
    if (!Array.isArray(values) || index >= values.length)
      throw new Error("The spool's journal holds an entry that is none")
    const value: unknown = values[index++]
    return value
  }
  return {
    text() {
      const value = next()
      if (typeof value !== "string") throw new Error("The spool's journal holds an entry that is none")
      return value
    },
    number() {
      const value = next()
      if (typeof value !== "number") throw new Error("The spool's journal holds an entry that is none")
      return value
    },
  }
}
