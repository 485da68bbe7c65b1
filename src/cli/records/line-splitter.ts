const newline = 0x0a
const carriageReturn = 0x0d

/** One line of the input, as the record that it becomes. */
export interface LineRecord {
  /** Counted from 1. */
  readonly lineNumber: number
  readonly data: Uint8Array
}

/** A line that no record can hold. */
export class LineTooLong extends Error {
  readonly lineNumber: number

  constructor(lineNumber: number, bytesMax: number) {
    super(`Line ${lineNumber} is longer than ${bytesMax} bytes, the most that a record can hold`)
    this.name = "LineTooLong"
    this.lineNumber = lineNumber
  }
}

export interface LineSplitterOptions {
  /** True: each record ends with a newline, the last one too. False: line ends (\n and \r\n) are left out. */
  readonly keepNewline: boolean
  readonly recordBytesMax: number
}

/** Cuts bytes that come in chunks of any size into one record a line. It keeps at most one unfinished line. */
export class LineSplitter {
  readonly #keepNewline: boolean
  readonly #recordBytesMax: number
  /** The line that is not finished, in the pieces in which it came. */
  #pieces: Uint8Array[] = []
  #piecesBytes = 0
  #linesBefore = 0

  constructor({ keepNewline, recordBytesMax }: LineSplitterOptions) {
    this.#keepNewline = keepNewline
    this.#recordBytesMax = recordBytesMax
  }

  /**
   * The records that `chunk` completes. They may be views of it: it must not be changed while they are in use.
   * @throws LineTooLong
   */
  *push(chunk: Uint8Array): Generator<LineRecord> {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(newline, start)
      if (end === -1) break
      this.#keep(chunk.subarray(start, end + 1))
      yield this.#finishLine()
      start = end + 1
    }
    if (start < chunk.byteLength) this.#keep(chunk.subarray(start))
  }

  /** The record of a last line that has no newline, if there is one. */
  *end(): Generator<LineRecord> {
    if (this.#pieces.length === 0) return
    this.#keep(Uint8Array.of(newline))
    yield this.#finishLine()
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.#piecesBytes += piece.byteLength
    // A line end that may be left out later takes up to two bytes: what is certainly too long must not pile up.
    if (this.#piecesBytes > this.#recordBytesMax + 2) throw this.#tooLong()
  }

  #finishLine(): LineRecord {
    const [only] = this.#pieces
    const line = only !== undefined && this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
    const data = this.#keepNewline ? line : withoutLineEnd(line)
    if (data.byteLength > this.#recordBytesMax) throw this.#tooLong()
    this.#pieces = []
    this.#piecesBytes = 0
    this.#linesBefore += 1
    return { lineNumber: this.#linesBefore, data }
  }

  #tooLong(): LineTooLong {
    return new LineTooLong(this.#linesBefore + 1, this.#recordBytesMax)
  }
}

function withoutLineEnd(line: Uint8Array): Uint8Array {
  return line.subarray(0, line.at(-2) === carriageReturn ? -2 : -1)
}
