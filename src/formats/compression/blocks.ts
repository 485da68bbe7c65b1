/**
 * The same bytes cut into blocks of exactly `blockBytes`, the last one shorter; none for no bytes. Each block is a copy
 * with memory of its own: the source may use its chunk again once the next one is asked for.
 */
export async function* blocks(bytes: AsyncIterable<Uint8Array>, blockBytes: number): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafe(blockBytes)
  let filledBytes = 0
  for await (const chunk of bytes) {
    let takenBytes = 0
    while (takenBytes < chunk.byteLength) {
      const piece = chunk.subarray(takenBytes, takenBytes + blockBytes - filledBytes)
      block.set(piece, filledBytes)
      takenBytes += piece.byteLength
      filledBytes += piece.byteLength
      if (filledBytes === blockBytes) {
        yield block
        block = Buffer.allocUnsafe(blockBytes)
        filledBytes = 0
      }
    }
  }
  if (filledBytes > 0) yield block.subarray(0, filledBytes)
}
