import type { Readable } from "node:stream"
import { StringDecoder } from "node:string_decoder"
import type { Clock } from "../../platform/index.ts"

/** A longer line is told in pieces. */
const lineLengthMax = 4096
/** More of them are counted, and not told. */
const linesPerSecondMax = 100

export interface ConsoleOptions {
  readonly clock: Clock
  readonly tell: (line: string) => void
}

/** Tells what a function writes to its console, line by line; of one that writes without end, a part. */
export function tellConsole(streams: readonly Readable[], { clock, tell }: ConsoleOptions): void {
  let secondEndsMs = Number.NEGATIVE_INFINITY
  let told = 0
  let leftOut = 0
  const tellSome = (line: string) => {
    if (line === "") return
    const nowMs = clock.elapsed()
    if (nowMs >= secondEndsMs) {
      if (leftOut > 0) tell(`(${leftOut} more lines were left out)`)
      secondEndsMs = nowMs + 1000
      told = 0
      leftOut = 0
    }
    if (told < linesPerSecondMax) tell(line)
    else leftOut++
    told++
  }
  for (const stream of streams) tellLines(stream, tellSome)
}

function tellLines(stream: Readable, tell: (line: string) => void): void {
  const decoder = new StringDecoder("utf8")
  let rest = ""
  const take = (text: string) => {
    const lines = `${rest}${text}`.split(/\r?\n/)
    rest = lines.pop() ?? ""
    for (const line of lines) for (const piece of piecesOf(line)) tell(piece)
    if (rest.length <= lineLengthMax) return
    for (const piece of piecesOf(rest)) tell(piece)
    rest = ""
  }
  stream.on("data", (chunk: Buffer) => take(decoder.write(chunk)))
  stream.once("end", () => {
    take(decoder.end())
    tell(rest)
    rest = ""
  })
}

function piecesOf(line: string): string[] {
  const pieces: string[] = []
  for (let start = 0; start < line.length; start += lineLengthMax) pieces.push(line.slice(start, start + lineLengthMax))
  return pieces
}
