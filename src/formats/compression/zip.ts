import { PassThrough, pipeline } from "node:stream"
import { ZipFile } from "yazl"
import { blocks } from "./blocks.ts"
import type { Compression } from "./compression.ts"

const blockBytes = 64 * 1024

/** A ZIP file with one deflated entry (spec/s3.md, section 5). */
export const zip: Compression = {
  name: "ZIP",
  extension: ".zip",
  contentEncoding: "zip",
  compress: zipped,
}

async function* zipped(bytes: AsyncIterable<Uint8Array>, entryName: string): AsyncGenerator<Uint8Array> {
  const input = new PassThrough()
  const output = new PassThrough()
  const file = new ZipFile()
  file.addReadStream(input, entryName, {
    compressionLevel: 6,
    // A ZIP file's own kind of time has no time zone. The earliest there is, 1980-01-01 00:00, is the same everywhere.
    mtime: new Date(1980, 0, 1),
    forceDosTimestamp: true,
  })
  file.end()

  // yazl looks at no stream's end but the good one, so both sides are tied to it here. The errors that the callbacks get
  // are not lost: they destroy the output, and reading it throws them.
  const fed = new Promise<void>((resolve) => {
    pipeline(blocks(bytes, blockBytes), input, (error) => {
      if (error) output.destroy(error)
      resolve()
    })
  })
  pipeline(file.outputStream, output, () => {})
  try {
    yield* output
  } finally {
    input.destroy()
    await fed
  }
}
