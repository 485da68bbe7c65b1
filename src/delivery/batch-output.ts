import { asRowSchemaId } from "../conversion/index.ts"
import { type BatchOutput, errorOutputTypes } from "../destinations/index.ts"
import { enumeration, list, optional, readShape, string, structure, type TypeOf } from "../shapes/index.ts"

/** What a batch is made of, as it is written down. */
export const storedOutput = structure("What a batch is made of.", {
  kind: enumeration("Records, records of one partition, or error records.", ["data", "partition", "failed"]),
  partition: optional(list("Of a partition: its evaluated prefix.", string("A text between random strings."))),
  type: optional(enumeration("Of error records: why they failed.", errorOutputTypes)),
  rows: optional(string("Of records that are converted: the schema that they passed.")),
})

/** @throws Error when it is none that was ever written down */
export function readOutput({ kind, partition, type, ...stored }: TypeOf<typeof storedOutput>): BatchOutput {
  const rows = stored.rows === undefined ? {} : { rows: asRowSchemaId(stored.rows) }
  if (kind === "data") return { kind, ...rows }
  if (kind === "partition" && partition !== undefined) return { kind, partition, ...rows }
  if (kind === "failed" && type !== undefined) return { kind, type }
  throw new Error(`Output of kind "${kind}" was written down without what belongs to it`)
}

/** What `JSON.stringify` made of an output. @throws Error when it was none */
export function readStoredOutput(json: string): BatchOutput {
  const outcome = readShape(storedOutput, JSON.parse(json))
  if (outcome.kind === "read") return readOutput(outcome.value)
  throw new Error(`"${json}" is not what a batch is made of`)
}

/** The same text for the same output, and another one for any other. */
export function outputId(output: BatchOutput): string {
  switch (output.kind) {
    case "data":
      return output.rows === undefined ? "data" : `data ${output.rows}`
    case "partition":
      return `partition ${output.rows ?? ""}${JSON.stringify(output.partition)}`
    case "failed":
      return `failed ${output.type}`
  }
}
