/**
 * A page: its header, in Thrift's compact protocol, and
 *
 *     dictionary page   the distinct values, as PLAIN, compressed
 *     data page of V1   compressed: repetition levels, definition levels, values
 *     data page of V2   repetition levels; definition levels; values, compressed where that makes them smaller
 *
 * Levels are runs (run-length.ts), in V1 with their length before them, and are left out where they could only be 0.
 */
import { crc32, gzipSync } from "node:zlib"
import { compressSync } from "snappy"
import type { ByteWriter } from "./byte-writer.ts"
import type { Dictionary } from "./dictionary.ts"
import type { Levels } from "./levels.ts"
import type { ParquetOptions } from "./options.ts"
import type { PageRange } from "./page-ranges.ts"
import { writePlain } from "./plain.ts"
import { bitWidthOf, writeRunLengths } from "./run-length.ts"
import { boolean, i32, struct, type Thrift, thriftBytes } from "./thrift.ts"
import { type Encoding, encodingNumbers, type ValueEncoding } from "./value-encoding.ts"

export interface Page {
  /** One after the other. */
  readonly parts: readonly Uint8Array[]
  /** Of all parts. */
  readonly sizeBytes: number
  /** What that would be without compression. */
  readonly plainBytes: number
}

export function dictionaryPageEncoding({ writerVersion }: ParquetOptions): Encoding {
  return writerVersion === "V1" ? "PLAIN_DICTIONARY" : "PLAIN"
}

/** `writer` is memory to work in. */
export function dictionaryPage({ distinct }: Dictionary, options: ParquetOptions, writer: ByteWriter): Page {
  writer.clear()
  writePlain(distinct, 0, distinct.count, writer)
  const encoding = encodingNumbers[dictionaryPageEncoding(options)]
  const header = struct({ 1: i32(distinct.count), 2: i32(encoding) })
  return page({ type: 2, field: 7, header }, writer.length, [compressed(writer.written, options)])
}

/** The page of this part of a column chunk. `writer` is memory to work in. */
export function dataPage(
  range: PageRange,
  levels: Levels,
  encoding: ValueEncoding,
  options: ParquetOptions,
  writer: ByteWriter,
): Page {
  writer.clear()
  return options.writerVersion === "V1"
    ? firstVersion(range, levels, encoding, options, writer)
    : secondVersion(range, levels, encoding, options, writer)
}

function firstVersion(
  { slotFrom, slotTo, valueFrom, valueTo }: PageRange,
  { repetitions, repetitionMax, definitions, definitionMax }: Levels,
  encoding: ValueEncoding,
  options: ParquetOptions,
  writer: ByteWriter,
): Page {
  const writeLevels = (levels: Uint8Array | undefined, maximum: number) => {
    if (levels === undefined || maximum === 0) return
    writer.writeWithLength(() => writeRunLengths(levels, slotFrom, slotTo, bitWidthOf(maximum), writer))
  }
  writeLevels(repetitions, repetitionMax)
  writeLevels(definitions, definitionMax)
  encoding.write(valueFrom, valueTo, writer)
  const header = struct({
    1: i32(slotTo - slotFrom),
    2: i32(encodingNumbers[encoding.name]),
    3: i32(encodingNumbers.RLE),
    4: i32(encodingNumbers.RLE),
  })
  return page({ type: 0, field: 5, header }, writer.length, [compressed(writer.written, options)])
}

function secondVersion(
  { slotFrom, slotTo, valueFrom, valueTo, rowCount }: PageRange,
  { repetitions, repetitionMax, definitions, definitionMax }: Levels,
  encoding: ValueEncoding,
  options: ParquetOptions,
  writer: ByteWriter,
): Page {
  const writeLevels = (levels: Uint8Array | undefined, maximum: number): number => {
    const start = writer.length
    if (levels !== undefined && maximum > 0) writeRunLengths(levels, slotFrom, slotTo, bitWidthOf(maximum), writer)
    return writer.length - start
  }
  const repetitionBytes = writeLevels(repetitions, repetitionMax)
  const definitionBytes = writeLevels(definitions, definitionMax)
  const levelBytes = repetitionBytes + definitionBytes
  encoding.write(valueFrom, valueTo, writer)
  const plain = writer.written
  const smaller = compressed(plain.subarray(levelBytes), options)
  const isSmaller = smaller.length < plain.length - levelBytes
  const header = struct({
    1: i32(slotTo - slotFrom),
    2: i32(slotTo - slotFrom - (valueTo - valueFrom)),
    3: i32(rowCount),
    4: i32(encodingNumbers[encoding.name]),
    5: i32(definitionBytes),
    6: i32(repetitionBytes),
    7: boolean(isSmaller),
  })
  const parts = isSmaller ? [plain.slice(0, levelBytes), smaller] : [plain.slice()]
  return page({ type: 3, field: 8, header }, plain.length, parts)
}

interface PageKind {
  /** Numbers of the format: of the page's type, and of the field of its header that holds `header`. */
  readonly type: number
  readonly field: number
  readonly header: Thrift
}

function page({ type, field, header }: PageKind, plainBytes: number, parts: readonly Uint8Array[]): Page {
  let crc = 0
  let storedBytes = 0
  for (const part of parts) {
    crc = crc32(part, crc)
    storedBytes += part.length
  }
  // A checksum is an int32, whose sign is its highest bit.
  const fields = { 1: i32(type), 2: i32(plainBytes), 3: i32(storedBytes), 4: i32(crc | 0), [field]: header }
  const headerBytes = thriftBytes(struct(fields))
  return {
    parts: [headerBytes, ...parts],
    sizeBytes: headerBytes.length + storedBytes,
    plainBytes: headerBytes.length + plainBytes,
  }
}

/** In memory of its own. */
function compressed(bytes: Uint8Array, { compression }: ParquetOptions): Uint8Array {
  switch (compression) {
    case "UNCOMPRESSED":
      return bytes.slice()
    case "GZIP":
      return gzipSync(bytes)
    case "SNAPPY":
      // The package takes a Buffer only. Without this option it gives memory of its own, which costs several times as much.
      return compressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { copyOutputData: true })
  }
}
