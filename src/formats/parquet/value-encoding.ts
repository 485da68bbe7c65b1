/**
 * How the values of a column chunk are written, chosen as parquet-mr does for its writer versions:
 *
 *                           V1                 V2
 *     with a dictionary     PLAIN_DICTIONARY   RLE_DICTIONARY
 *     booleans              PLAIN              RLE
 *     int32, int64          PLAIN              DELTA_BINARY_PACKED
 *     bytes, and decimals   PLAIN              DELTA_BYTE_ARRAY
 *     all others            PLAIN              PLAIN
 *
 * Booleans have no dictionary, nor have decimals in V1. parquet-mr begins a chunk with a dictionary and goes on without one when
 * that has grown too large; here all values are known, so a chunk has one or has none.
 */
import type { ByteWriter } from "./byte-writer.ts"
import { writeDeltaBinaryPacked } from "./delta-binary-packed.ts"
import { writeDeltaByteArray } from "./delta-byte-array.ts"
import { buildDictionary, type Dictionary } from "./dictionary.ts"
import type { ParquetOptions } from "./options.ts"
import type { FixedBytes, PhysicalValues, VariableBytes } from "./physical-values.ts"
import { writePlain } from "./plain.ts"
import { bitWidthOf, runLengthBitsMax, writeRunLengths } from "./run-length.ts"

export type Encoding = keyof typeof encodingNumbers

export const encodingNumbers = {
  PLAIN: 0,
  PLAIN_DICTIONARY: 2,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
} as const

/** Writes the values of a data page. */
export interface ValueEncoding {
  readonly name: Encoding
  /** What each value takes at most, besides bytes of its own. */
  readonly bitsPerValueMax: number
  /** Where values have bytes of their own, of as many as lie between a start and the next one. */
  readonly starts?: Uint32Array
  /** Writes values [from, to). */
  write(from: number, to: number, writer: ByteWriter): void
}

export interface ChosenEncoding {
  readonly dictionary: Dictionary | undefined
  readonly encoding: ValueEncoding
}

/** As parquet-mr: a dictionary is read whole before the first value is. */
const dictionaryBytesMax = 1024 * 1024

export function chooseEncoding(values: PhysicalValues, options: ParquetOptions): ChosenEncoding {
  const withoutDictionary = values.type === "BOOLEAN" || (values.type === "FIXED_LEN_BYTE_ARRAY" && isV1(options))
  if (options.enableDictionaryCompression && !withoutDictionary) {
    const dictionary = buildDictionary(values, Math.min(dictionaryBytesMax, options.pageSizeBytes))
    const encoding = dictionary && indexEncoding(dictionary, isV1(options) ? "PLAIN_DICTIONARY" : "RLE_DICTIONARY")
    if (dictionary && encoding && pays(values, dictionary, encoding)) return { dictionary, encoding }
  }
  return { dictionary: undefined, encoding: isV1(options) ? plain(values) : secondVersion(values) }
}

function isV1({ writerVersion }: ParquetOptions): boolean {
  return writerVersion === "V1"
}

/** Whether the dictionary and the indexes are less than the values themselves. */
function pays(values: FixedBytes | VariableBytes, { distinct }: Dictionary, { bitsPerValueMax }: ValueEncoding) {
  return plainBytes(distinct) + (values.count * bitsPerValueMax) / 8 < plainBytes(values)
}

function plainBytes(values: FixedBytes | VariableBytes): number {
  return values.bytes.length + (values.type === "BYTE_ARRAY" ? 4 * values.count : 0)
}

/** A byte says how many bits the indexes have. */
function indexEncoding({ distinct, indexes }: Dictionary, name: Encoding): ValueEncoding {
  const bitWidth = bitWidthOf(distinct.count - 1)
  return {
    name,
    bitsPerValueMax: runLengthBitsMax(bitWidth),
    write(from, to, writer) {
      writer.writeByte(bitWidth)
      writeRunLengths(indexes, from, to, bitWidth, writer)
    },
  }
}

function plain(values: PhysicalValues): ValueEncoding {
  const write: ValueEncoding["write"] = (from, to, writer) => writePlain(values, from, to, writer)
  switch (values.type) {
    case "BOOLEAN":
      return { name: "PLAIN", bitsPerValueMax: 1, write }
    case "BYTE_ARRAY":
      return { name: "PLAIN", bitsPerValueMax: 32, starts: values.starts, write }
    default:
      return { name: "PLAIN", bitsPerValueMax: 8 * values.widthBytes, write }
  }
}

function secondVersion(values: PhysicalValues): ValueEncoding {
  switch (values.type) {
    case "BOOLEAN":
      return {
        name: "RLE",
        bitsPerValueMax: runLengthBitsMax(1),
        write(from, to, writer) {
          writer.writeWithLength(() => writeRunLengths(values.bytes, from, to, 1, writer))
        },
      }
    case "INT32":
    case "INT64": {
      const wordsPerValue = values.type === "INT32" ? 1 : 2
      const words = new Uint32Array(values.bytes.buffer, values.bytes.byteOffset, values.count * wordsPerValue)
      return {
        name: "DELTA_BINARY_PACKED",
        // A block's header is less than another bit for each of its values.
        bitsPerValueMax: 8 * values.widthBytes + 1,
        write: (from, to, writer) => writeDeltaBinaryPacked(words, wordsPerValue, from, to, writer),
      }
    }
    case "BYTE_ARRAY":
      return deltaByteArray(values.bytes, values.starts)
    case "FIXED_LEN_BYTE_ARRAY": {
      const starts = Uint32Array.from({ length: values.count + 1 }, (_, index) => index * values.widthBytes)
      return deltaByteArray(values.bytes, starts)
    }
    default:
      return plain(values)
  }
}

function deltaByteArray(bytes: Uint8Array, starts: Uint32Array): ValueEncoding {
  return {
    name: "DELTA_BYTE_ARRAY",
    // Two lengths.
    bitsPerValueMax: 2 * 33,
    starts,
    write: (from, to, writer) => writeDeltaByteArray(bytes, starts, from, to, writer),
  }
}
