import { pipeline, type Transform } from "node:stream"

/** What `transform` makes of `bytes`. It is destroyed at the end, and `bytes` is closed, however the reading ends. */
export async function* through(bytes: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Uint8Array> {
  // The callback's error is not lost: pipeline destroys the transform with it, and so reading the transform throws it.
  const fed = new Promise<void>((resolve) => pipeline(bytes, transform, () => resolve()))
  try {
    yield* transform
  } finally {
    await fed
  }
}
