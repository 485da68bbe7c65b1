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
        for (const record of records) {
          if (pauses.areDue(record.data.length)) await pauses.take()
          delimited.push({ ...record, data: Buffer.concat([record.data, delimiter]) })
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
