import type { DiskFile } from "../../platform/index.ts"
import { advance, type Position } from "../log.ts"
import { type FrameHeader, findFrameHeader, frameHeaderBytes, isBodyWhole, readFrameHeader } from "./frame.ts"
import type { SegmentHeader } from "./segment-file.ts"

/** A part of a segment file, met in the order of the file. */
export type Scanned =
  | {
      readonly kind: "frame"
      readonly header: FrameHeader
      /** The whole frame as it is stored; its header alone when the body was not read. The checksums are right. */
      readonly bytes: Buffer
      readonly offset: number
    }
  | Bad

/** Bytes where frames should be and are not. */
export interface Bad {
  readonly kind: "bad"
  readonly offset: number
  /** The position that the frame at `offset` should have had. */
  readonly from: Position
  /** The next good frame; undefined when none follows. */
  readonly next: { readonly position: Position; readonly offset: number } | undefined
}

export interface ScanRange {
  /** The segment's; undefined when it is damaged: then what it says of the frames can't be checked. */
  readonly header: SegmentHeader | undefined
  /** Where a frame begins, whose first record has `position`. */
  readonly offset: number
  readonly position: Position
  /** The bytes from here on are not looked at. */
  readonly endOffset: number
  /** As many bytes are read at a time as it has; a larger frame is read whole all the same, into a larger buffer. */
  readonly buffer: Buffer
}

/**
 * Reads the frames of a segment file one after the other and checks each. What is not a frame is stepped over, and told.
 * Each piece is what one read of the file brought; its frames are views of the buffer, which the next piece uses again,
 * and are sealed if they are. Throws only what the disk throws.
 */
export function scanFrames(file: DiskFile, range: ScanRange): AsyncGenerator<readonly Scanned[]> {
  return scan(file, range, "frames")
}

/** The same for the frames' headers: bodies are neither read nor checked. */
export function scanHeaders(file: DiskFile, range: ScanRange): AsyncGenerator<readonly Scanned[]> {
  return scan(file, range, "headers")
}

async function* scan(file: DiskFile, range: ScanRange, wanted: "frames" | "headers"): AsyncGenerator<Scanned[]> {
  const salt = range.header?.salt
  const window = new Window(file, range)
  let { offset, position } = range
  const look = () => frameAt(window, { offset, position, endOffset: range.endOffset, salt }, wanted)
  while (offset < range.endOffset) {
    const piece: Scanned[] = []
    let found = look()
    for (; found.kind === "frame"; found = look()) {
      piece.push(found)
      offset += found.header.frameBytes
      position = advance(position, found.header.recordCount)
    }
    if (piece.length > 0) yield piece
    if (found.kind === "unread") await window.load(offset, found.sizeBytes)
    if (found.kind === "none") {
      const next = await nextFrame(window, { offset: offset + 1, position, endOffset: range.endOffset, salt })
      yield [{ kind: "bad", offset, from: position, next }]
      if (next === undefined) return
      offset = next.offset
      position = next.position
    }
  }
}

/** Where a frame is looked for: its offset, and the position of its first record. */
interface Spot {
  readonly offset: number
  readonly position: Position
  readonly endOffset: number
  readonly salt: number | undefined
}

type Found =
  | (Scanned & { readonly kind: "frame" })
  /** `sizeBytes` from there on have to be read first. */
  | { readonly kind: "unread"; readonly sizeBytes: number }
  | { readonly kind: "none" }
  | { readonly kind: "end" }

function frameAt(window: Window, { offset, position, endOffset, salt }: Spot, wanted: "frames" | "headers"): Found {
  if (offset >= endOffset) return { kind: "end" }
  const head = window.view(offset, frameHeaderBytes)
  if (head === undefined) return { kind: "unread", sizeBytes: frameHeaderBytes }
  const header = readFrameHeader(head, 0, salt)
  if (header === undefined || header.position !== position || offset + header.frameBytes > endOffset) {
    return { kind: "none" }
  }
  if (wanted === "headers") return { kind: "frame", header, bytes: head, offset }
  const bytes = window.view(offset, header.frameBytes)
  if (bytes === undefined) return { kind: "unread", sizeBytes: header.frameBytes }
  return isBodyWhole(bytes, header) ? { kind: "frame", header, bytes, offset } : { kind: "none" }
}

/** The next frame of a later position, from `offset` on. */
async function nextFrame(window: Window, { offset, position, endOffset, salt }: Spot) {
  let at = offset
  while (at + frameHeaderBytes <= endOffset) {
    if (window.view(at, frameHeaderBytes) === undefined) await window.load(at, frameHeaderBytes)
    const rest = window.viewFrom(at)
    const found = findFrameHeader(rest, 0, salt)
    const header = found === undefined ? undefined : readFrameHeader(rest, found, salt)
    if (found !== undefined && header !== undefined && header.position > position) {
      return { position: header.position, offset: at + found }
    }
    // A header may begin in the last bytes of this view and end in the next.
    at += found === undefined ? Math.max(1, rest.length - frameHeaderBytes + 1) : found + 1
  }
  return undefined
}

/** A part of a file in memory, read in large pieces and handed out in small ones. */
class Window {
  readonly #file: DiskFile
  readonly #endOffset: number
  #buffer: Buffer
  #start = 0
  #bytes: Buffer = Buffer.alloc(0)
  /** The file ended before the range did. */
  #isCutShort = false

  constructor(file: DiskFile, { endOffset, buffer }: ScanRange) {
    this.#file = file
    this.#endOffset = endOffset
    this.#buffer = buffer
  }

  /** `count` bytes from `offset` on, or fewer where the range or the file ends; undefined when they were not read yet. */
  view(offset: number, count: number): Buffer | undefined {
    const end = Math.min(offset + count, this.#endOffset)
    const isThere = offset >= this.#start && (end <= this.#start + this.#bytes.length || this.#isCutShort)
    return isThere ? this.#bytes.subarray(offset - this.#start, end - this.#start) : undefined
  }

  /** All that was read from `offset` on. */
  viewFrom(offset: number): Buffer {
    return this.#bytes.subarray(offset - this.#start)
  }

  /** Reads from `offset` on: `count` bytes, and as many more as the buffer takes. What was viewed before is overwritten. */
  async load(offset: number, count: number): Promise<void> {
    if (count > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(count)
    const wantedBytes = Math.min(this.#buffer.length, this.#endOffset - offset)
    const readBytes = await this.#file.read(this.#buffer.subarray(0, wantedBytes), offset)
    this.#start = offset
    this.#bytes = this.#buffer.subarray(0, readBytes)
    this.#isCutShort = readBytes < wantedBytes
  }
}
