/**
 * The same bytes cut into blocks of exactly `blockBytes`, the last one shorter; none for no bytes. Each block is a copy
 * that has its memory for itself: the source may use its chunk again, and whoever gets a block may give it away.
 */
export async function* blocks(bytes: AsyncIterable<Uint8Array>, blockBytes: number): AsyncGenerator<Uint8Array> {
  let block = new Uint8Array(0)
  let filledBytes = 0
  for await (const chunk of bytes) {
    let takenBytes = 0
    while (takenBytes < chunk.byteLength) {
      const piece = chunk.subarray(takenBytes, takenBytes + blockBytes - filledBytes)
      block = withRoom(block, filledBytes, filledBytes + piece.byteLength, blockBytes)
      block.set(piece, filledBytes)
      takenBytes += piece.byteLength
      filledBytes += piece.byteLength
      if (filledBytes === blockBytes) {
        yield block
        block = new Uint8Array(0)
        filledBytes = 0
      }
    }
  }
  if (filledBytes > 0) yield block.slice(0, filledBytes)
}

/** Most objects are much smaller than a block: it grows with what is in it. */
function withRoom(block: Uint8Array<ArrayBuffer>, filledBytes: number, neededBytes: number, blockBytes: number) {
  if (neededBytes <= block.byteLength) return block
  const larger = unfilled(Math.min(blockBytes, Math.max(neededBytes, 4 * block.byteLength)))
  larger.set(block.subarray(0, filledBytes))
  return larger
}

/** Not zeroed, for speed, and never a part of the memory that Node's small buffers share. */
function unfilled(sizeBytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer)
}
