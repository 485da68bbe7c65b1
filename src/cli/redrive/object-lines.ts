const newline = 0x0a

/** A line of an object that is not blank, without its line end. */
export interface ObjectLine {
  /** Counted from 1, blank lines too. */
  readonly lineNumber: number
  /** Undefined when the line is longer than any error record. */
  readonly text: string | undefined
}

/** The rawData of a record of 1,000 KiB takes 1.3 MiB; an answer of an endpoint may be repeated in the message. */
const lineBytesMax = 8 * 1024 * 1024

/**
 * The lines of bytes that come in chunks of any size. Memory holds one line; of one that is too long, nothing. Each chunk is let
 * go of before the next one is asked for.
 */
export async function* objectLines(
  bytes: AsyncIterable<Uint8Array>,
  bytesMax = lineBytesMax,
): AsyncGenerator<ObjectLine> {
  let pieces: Uint8Array[] = []
  let sizeBytes = 0
  let lineNumber = 0

  const keep = (piece: Uint8Array) => {
    sizeBytes += piece.byteLength
    if (sizeBytes > bytesMax) pieces = []
    else if (piece.byteLength > 0) pieces.push(piece)
  }
  const finish = (): ObjectLine | undefined => {
    lineNumber += 1
    const isTooLong = sizeBytes > bytesMax
    const text = Buffer.concat(pieces).toString("utf8").trim()
    pieces = []
    sizeBytes = 0
    if (isTooLong) return { lineNumber, text: undefined }
    return text === "" ? undefined : { lineNumber, text }
  }

  for await (const chunk of bytes) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, end))
      const line = finish()
      if (line !== undefined) yield line
      start = end + 1
    }
    // A copy: the source uses the chunk's memory again.
    keep(Buffer.from(chunk.subarray(start)))
  }
  const last = sizeBytes > 0 ? finish() : undefined
  if (last !== undefined) yield last
}
