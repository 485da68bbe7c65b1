import {
  asRowSchemaId,
  converted,
  type OutputFormat,
  outputExtension,
  type RowSchemas,
} from "../../conversion/index.ts"
import { compression, compressions } from "../../formats/index.ts"
import { enumeration, optional, string, structure, type TypeOf } from "../../shapes/index.ts"
import type { Workers } from "../../workers/index.ts"
import type { Batch } from "../destination.ts"
import { outputFormatConfiguration, outputFormatOf } from "../shapes/index.ts"
import { framed } from "./framing.ts"

/** What was decided about an object's content: all that makes its bytes, beside its records. */
export const decidedContent = {
  compression: enumeration(
    "How it is compressed.",
    compressions.map(({ name }) => name),
  ),
  uuid: string("The one in its key. A ZIP's entry is called the same."),
  framing: optional(enumeration("What stands between its records; absent for nothing.", ["lines", "array"])),
  conversion: optional(
    structure("What its records are converted to; absent when they are not.", {
      rows: string("The schema that they passed."),
      output: outputFormatConfiguration,
    }),
  ),
}

const shape = structure("An object's content.", decidedContent)
export type DecidedContent = TypeOf<typeof shape>

export interface Content {
  readonly contentEncoding: string | undefined
  /** Its bytes, made anew at each call. */
  body(): AsyncIterable<Uint8Array>
}

/** What an object's key ends with, unless the stream's FileExtension says otherwise (spec/s3.md, section 5). */
export function extensionOf(decided: Pick<DecidedContent, "compression" | "conversion">): string {
  if (decided.conversion === undefined) return compression(decided.compression).extension
  return outputExtension(outputFormatOf(decided.conversion.output))
}

/**
 * The content of an object.
 * @throws Error when the schema of rows is gone by which its records are to be converted
 */
export async function contentOf(
  batch: Batch,
  decided: DecidedContent,
  { rowSchemas, workers }: { readonly rowSchemas: RowSchemas; readonly workers: Workers },
): Promise<Content> {
  if (decided.conversion === undefined) {
    const format = compression(decided.compression)
    const options = { entryName: decided.uuid, workers }
    const body = () => format.compress(framed(batch, decided.framing), options)
    return { contentEncoding: format.contentEncoding, body }
  }
  const { rows, output } = decided.conversion
  const schema = await rowSchemas.find(asRowSchemaId(rows))
  const format = outputFormatOf(output)
  const body = () => converted(batch.records(), batch.sizeBytes, schema, format, workers)
  return { contentEncoding: contentEncodingOf(format), body }
}

/** As the service was seen to say, though the file as a whole is not compressed (spec/s3.md, section 5). */
function contentEncodingOf({ kind, options }: OutputFormat): string | undefined {
  return kind === "parquet" && options.compression === "SNAPPY" ? "hadoop-snappy" : undefined
}
