import { Pauses } from "./pauses.ts"
import type { ProcessorKind, WorkingRecord } from "./processor.ts"

/** Puts a delimiter, a newline unless another is asked for, at the end of each record. */
export const appendDelimiter: ProcessorKind = {
  type: "AppendDelimiterToRecord",
  parameterNames: ["Delimiter"],
  check: () => undefined,
  withDefaults: (parameters) => parameters,
  open(parameters) {
    const delimiter = Buffer.from(unescapeDelimiter(parameters.get("Delimiter") ?? "\n"))
    return {
      async process(records) {
        const pauses = new Pauses()
        const delimited: WorkingRecord[] = []
        // Memory for all of them at once: a piece of it for each record costs a fifth more of the way from the log to the spool.
        const sizeBytes = records.reduce((sum, { data }) => sum + data.byteLength + delimiter.byteLength, 0)
        const memory = Buffer.allocUnsafe(sizeBytes)
        let end = 0
        for (const record of records) {
          const { data } = record
          if (pauses.areDue(data.length)) await pauses.take()
          const start = end
          memory.set(data, start)
          memory.set(delimiter, start + data.byteLength)
          end += data.byteLength + delimiter.byteLength
          delimited.push({ ...record, data: memory.subarray(start, end) })
        }
        return { records: delimited, failures: [], counts: [] }
      },
    }
  },
}

/** Newlines and the like come as a backslash and a letter; with two backslashes when they went through JSON twice. */
function unescapeDelimiter(text: string): string {
  return text.replace(/\\+([nrt])/g, (_, letter: string) => (letter === "n" ? "\n" : letter === "r" ? "\r" : "\t"))
}
