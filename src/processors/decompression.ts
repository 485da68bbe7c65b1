import { constants, gunzip } from "node:zlib"
import type { ProcessorKind, RecordFailure, WorkingRecord } from "./processor.ts"

/** What one record may become. A record of some bytes may say that it is a thousand times as large. */
export const decompressedBytesMax = 64 * 1024 * 1024

/** Records that are decompressed at once: each may take decompressedBytesMax while it is. */
const concurrency = 4

/** Takes records out of their gzip: spec/processing.md, section 6. */
export const decompression: ProcessorKind = {
  type: "Decompression",
  parameterNames: ["CompressionFormat"],
  check(parameters) {
    const format = parameters.get("CompressionFormat") ?? "GZIP"
    return format === "GZIP" ? undefined : "CompressionFormat for Decompression has to be one of GZIP"
  },
  withDefaults: (parameters) => parameters,
  open: (_, { clock }) => ({
    async process(records, _chunk, signal) {
      const answers: (Decompressed | undefined)[] = records.map(() => undefined)
      let next = 0
      async function decompressSome() {
        for (let index = next++; index < records.length; index = next++) {
          signal.throwIfAborted()
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
export function decompress(data: Uint8Array): Promise<Decompressed> {
  return new Promise((resolve) => {
    const options = { maxOutputLength: decompressedBytesMax, finishFlush: constants.Z_FINISH, info: true }
    gunzip(data, options, (error, outcome: unknown) => {
      if (error !== null) return resolve({ kind: "failed", message: describe(error) })
      const { buffer, consumedBytes } = withInfo(outcome)
      const hasTrailer = data.subarray(consumedBytes).some((byte) => byte !== 0)
      resolve(
        hasTrailer
          ? { kind: "failed", message: "The record is not GZIP: something else follows the compressed data" }
          : { kind: "decompressed", data: buffer },
      )
    })
  })
}

function describe(error: NodeJS.ErrnoException): string {
  if (error.code === "ERR_BUFFER_TOO_LARGE") {
    return `The decompressed record is larger than ${decompressedBytesMax} bytes`
  }
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
