import type { DiskFile } from "../../platform/index.ts"
import { advance, type Position } from "../log.ts"
import { type FrameHeader, findFrameHeader, frameHeaderBytes, isBodyWhole, readFrameHeader } from "./frame.ts"
import type { SegmentHeader } from "./segment-file.ts"

/** A part of a segment file, met in the order of the file. */
export type Scanned =
  | {
      readonly kind: "frame"
      readonly header: FrameHeader
      /** The whole frame, as it is stored: its checksums are right. */
      readonly bytes: Buffer
      readonly offset: number
      readonly endOffset: number
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
  /** Bytes to read at a time; a larger frame is read whole all the same. */
  readonly chunkBytes: number
}

/**
 * Reads the frames of a segment file one after the other and checks each. What is not a frame is stepped over, and told.
 * Frames are views of the read buffers, sealed if they are. Throws only what the disk throws.
 */
export async function* scanFrames(file: DiskFile, range: ScanRange): AsyncGenerator<Scanned, void, undefined> {
  const salt = range.header?.salt
  const window = new Window(file, range)
  let { offset, position } = range
  while (offset < range.endOffset) {
    const header = readFrameHeader(await window.view(offset, frameHeaderBytes), 0, salt)
    if (header !== undefined && header.position === position && offset + header.frameBytes <= range.endOffset) {
      const bytes = await window.view(offset, header.frameBytes)
      if (isBodyWhole(bytes, header)) {
        const endOffset = offset + header.frameBytes
        yield { kind: "frame", header, bytes, offset, endOffset }
        offset = endOffset
        position = advance(position, header.recordCount)
        continue
      }
    }
    const next = await nextFrame(window, { ...range, offset: offset + 1, position }, salt)
    yield { kind: "bad", offset, from: position, next }
    if (next === undefined) return
    offset = next.offset
    position = next.position
  }
}

/** The next frame of a later position, from `offset` on. */
async function nextFrame(window: Window, range: ScanRange, salt: number | undefined) {
  let at = range.offset
  while (at + frameHeaderBytes <= range.endOffset) {
    const view = await window.view(at, frameHeaderBytes, "and more")
    const found = findFrameHeader(view, 0, salt)
    const header = found === undefined ? undefined : readFrameHeader(view, found, salt)
    if (found !== undefined && header !== undefined && header.position > range.position) {
      return { position: header.position, offset: at + found }
    }
    // A header may begin in the last bytes of this view and end in the next.
    at += found === undefined ? Math.max(1, view.length - frameHeaderBytes + 1) : found + 1
  }
  return undefined
}

/** A part of a file in memory, read in large pieces and handed out in small ones. */
class Window {
  readonly #file: DiskFile
  readonly #endOffset: number
  readonly #chunkBytes: number
  #start = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(file: DiskFile, { endOffset, chunkBytes }: ScanRange) {
    this.#file = file
    this.#endOffset = endOffset
    this.#chunkBytes = chunkBytes
  }

  /** `count` bytes from `offset` on, or fewer where the range or the file ends; with "and more", all that are at hand. */
  async view(offset: number, count: number, more?: "and more"): Promise<Buffer> {
    const wantedEnd = Math.min(offset + count, this.#endOffset)
    if (offset < this.#start || wantedEnd > this.#start + this.#bytes.length) {
      const target = Buffer.allocUnsafeSlow(Math.min(Math.max(count, this.#chunkBytes), this.#endOffset - offset))
      const readBytes = await this.#file.read(target, offset)
      this.#start = offset
      this.#bytes = target.subarray(0, readBytes)
    }
    const from = offset - this.#start
    return more === undefined ? this.#bytes.subarray(from, from + count) : this.#bytes.subarray(from)
  }
}
