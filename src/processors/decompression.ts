import { promisify } from "node:util"
import { constants, gunzip, gunzipSync } from "node:zlib"
import { Pauses } from "./pauses.ts"
import type { ProcessorKind, RecordFailure, WorkingRecord } from "./processor.ts"

/** What one record may become. A record of some bytes may say that it is a thousand times as large. */
export const decompressedBytesMax = 64 * 1024 * 1024

/**
 * A record of so many bytes is decompressed at once, on this thread: handing it to another takes twice as long as most do. It
 * becomes at most a thousand times as large, which takes some tens of milliseconds.
 */
const hereBytesMax = 16 * 1024

/** Bytes of records that are decompressed together, as they were put. */
const chunkBytesMax = 128 * 1024

/** Records that are decompressed at once: each may take decompressedBytesMax while it is. */
const concurrency = 4

/** What texts become of their size, about. */
const usualRatio = 5

/** Takes records out of their gzip: spec/processing.md, section 6. */
export const decompression: ProcessorKind = {
  type: "Decompression",
  parameterNames: ["CompressionFormat"],
  check(parameters) {
    const format = parameters.get("CompressionFormat") ?? "GZIP"
    return format === "GZIP" ? undefined : "CompressionFormat for Decompression has to be one of GZIP"
  },
  withDefaults: (parameters) => parameters,
  // What becomes a thousand times as large is in memory with all of its chunk.
  hints: () => ({ sizeBytes: chunkBytesMax, memoryBytes: decompressedBytesMax }),
  open: (_, { clock }) => ({
    async process(records, _chunk, signal) {
      const answers: (Decompressed | undefined)[] = records.map(() => undefined)
      const pauses = new Pauses()
      let next = 0
      async function decompressSome() {
        for (let index = next++; index < records.length; index = next++) {
          signal.throwIfAborted()
          const sizeBytes = (records[index]?.data.length ?? 0) * usualRatio
          if (pauses.areDue(sizeBytes)) await pauses.take()
          answers[index] = await decompress(records[index]?.data ?? new Uint8Array())
        }
      }
      await Promise.all(Array.from({ length: concurrency }, decompressSome))

      const decompressed: WorkingRecord[] = []
      const failures: RecordFailure[] = []
      let [bytesIn, bytesFailed] = [0, 0]
      for (const [index, record] of records.entries()) {
        const answer = answers[index]
        if (answer?.kind === "decompressed") {
          bytesIn += answer.data.length
          decompressed.push({ ...record, data: answer.data })
        } else {
          bytesFailed += record.data.length
          failures.push({
            source: record.source,
            kind: "decompression-failed",
            code: "Decompression.Failed",
            message: answer?.message ?? "The record was not decompressed",
            attemptsMade: 1,
            attemptEndedMs: clock.now(),
          })
        }
      }
      const counts = [
        { name: "OutputDecompressedRecords.Success", amount: decompressed.length },
        { name: "OutputDecompressedBytes.Success", amount: bytesIn },
        { name: "OutputDecompressedRecords.Failed", amount: failures.length },
        { name: "OutputDecompressedBytes.Failed", amount: bytesFailed },
      ] as const
      return { records: decompressed, failures, counts: counts.filter(({ amount }) => amount > 0) }
    },
  }),
}

export type Decompressed =
  | { readonly kind: "decompressed"; readonly data: Uint8Array }
  | { readonly kind: "failed"; readonly message: string }

/**
 * Everything that a gzip file of one or more members holds. Zeros may follow the last member, since some programs pad
 * files; anything else makes the whole of it fail, so that no byte is lost unnoticed.
 */
export async function decompress(data: Uint8Array): Promise<Decompressed> {
  const options = { maxOutputLength: decompressedBytesMax, finishFlush: constants.Z_FINISH, info: true }
  try {
    return readOutcome(
      data,
      data.length <= hereBytesMax ? gunzipSync(data, options) : await gunzipElsewhere(data, options),
    )
  } catch (error) {
    return { kind: "failed", message: describe(error) }
  }
}

const gunzipElsewhere = promisify(gunzip)

function readOutcome(data: Uint8Array, outcome: unknown): Decompressed {
  const { buffer, consumedBytes } = withInfo(outcome)
  const hasTrailer = data.subarray(consumedBytes).some((byte) => byte !== 0)
  if (!hasTrailer) return { kind: "decompressed", data: buffer }
  return { kind: "failed", message: "The record is not GZIP: something else follows the compressed data" }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) throw error
  const code = "code" in error ? error.code : undefined
  if (code === "ERR_BUFFER_TOO_LARGE") return `The decompressed record is larger than ${decompressedBytesMax} bytes`
  // What zlib says of data: anything else is not the record's fault.
  if (code !== "Z_DATA_ERROR" && code !== "Z_BUF_ERROR" && code !== "Z_NEED_DICT") throw error
  return `The record is not GZIP: ${error.message}`
}

/** The answer to `info`, which the types do not know. */
function withInfo(outcome: unknown): { readonly buffer: Uint8Array; readonly consumedBytes: number } {
  if (typeof outcome === "object" && outcome !== null && "buffer" in outcome && "engine" in outcome) {
    const { buffer, engine } = outcome
    if (buffer instanceof Uint8Array && typeof engine === "object" && engine !== null && "bytesWritten" in engine) {
      return { buffer, consumedBytes: Number(engine.bytesWritten) }
    }
  }
  throw new TypeError("zlib gave no information on what it decompressed")
}
