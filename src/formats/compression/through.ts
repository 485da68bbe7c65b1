import { pipeline, Readable, type Transform } from "node:stream"

/** `bytes` as a transform of Node's leaves them. Errors of both are thrown; whoever stops reading early ends both. */
export async function* through(bytes: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Uint8Array> {
  // The reader below learns of every failure from the transform itself, which the pipeline destroys with it.
  pipeline(Readable.from(copies(bytes), { objectMode: false }), transform, () => {})
  for await (const chunk of transform) yield chunk
}

/** The source may use the memory of its chunks again, and a stream reads ahead. */
async function* copies(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) yield Buffer.from(chunk)
}
