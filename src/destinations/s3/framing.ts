import type { Batch, BatchFacts, Extensions } from "../destination.ts"

/** What stands between the records of an object, where the settings allow more than nothing. */
export type Framing = "lines" | "array"

/** Of an object: extensions that go beyond AWS. Error records are lines as they are. */
export function framingOf(
  purpose: BatchFacts["purpose"],
  output: BatchFacts["output"],
  fileExtension: string | undefined,
  extensions: Extensions,
): Framing | undefined {
  if (output.kind === "failed") return undefined
  if (purpose === "backup") return extensions.has("backup-delimiter") ? "lines" : undefined
  return extensions.has("json-array") && /^\.json(\.|$)/.test(fileExtension ?? "") ? "array" : undefined
}

/** The content of an object: its records one after the other, with what stands between them. */
export function framed(batch: Batch, framing: Framing | undefined): AsyncIterable<Uint8Array> {
  if (framing === undefined) return batch.bytes()
  return framing === "lines" ? joined(batch, { separator: "", end: "\n" }) : array(batch)
}

async function* array(batch: Batch) {
  yield Buffer.from("[")
  yield* joined(batch, { separator: ",", end: "" })
  yield Buffer.from("]\n")
}

async function* joined(batch: Batch, { separator, end }: { readonly separator: string; readonly end: string }) {
  const [between, after] = [Buffer.from(separator), Buffer.from(end)]
  let isFirst = true
  for await (const { lengths, data } of batch.records()) {
    const pieces: Uint8Array[] = []
    let offset = 0
    for (const length of lengths) {
      pieces.push(isFirst ? noBytes : between, data.subarray(offset, offset + length), after)
      offset += length
      isFirst = false
    }
    yield Buffer.concat(pieces)
  }
}

const noBytes = Buffer.alloc(0)
