import path from "node:path"
import { crc32 } from "node:zlib"
import {
  deriveSegmentKey,
  type FrameKey,
  openBody,
  type ReadingKeys,
  type RecordBatch,
  sealBody,
  sealNonceBytes,
  sealOverheadBytes,
} from "../log/index.ts"
import type { Random } from "../platform/index.ts"
import { type Disk, type DiskFile, removeIfThere, unlessMissing } from "../platform/index.ts"
import type { Block } from "./block-list.ts"

export interface SpoolFilesOptions {
  readonly disk: Disk
  readonly random: Random
  /** Holds nothing but the spool's files. Made when it is missing. */
  readonly folder: string
  readonly keys: ReadingKeys
  /** A file that has reached it is followed by a new one. */
  readonly fileBytesMax: number
}

/** Where a block was put. */
export type BlockPlace = Pick<Block, "file" | "offset" | "storedBytes" | "crc">

const extension = ".spool"
const nameBytes = 16
/** A file all of whose blocks are delivered is deleted although it could grow, once it takes as much. */
const deletedFileBytesMin = 1024 * 1024

interface SpoolFile {
  readonly number: number
  readonly name: string
  /** Empty when it is in the clear. */
  readonly keyId: string
  /** Blocks that are still needed. */
  liveCount: number
}

/**
 * The files that blocks are kept in, one after the other without anything between: where each is, the journal knows.
 *
 * A block is its records' lengths, 4 bytes each, little-endian, and then their bytes. It is sealed as a frame of the log
 * is, by a key of the file's own: the file's name, which is random, is what that is derived with.
 */
export class SpoolFiles {
  readonly #options: SpoolFilesOptions
  readonly #files: SpoolFile[] = []
  readonly #byName = new Map<string, SpoolFile>()
  #writing: { readonly known: SpoolFile; readonly file: DiskFile; sizeBytes: number } | undefined
  #hasFolder = false

  constructor(options: SpoolFilesOptions) {
    this.#options = options
  }

  /** The file's number in this life; `keyId` as the journal tells. */
  numberOf(name: string, keyId: string): number {
    return this.#known(name, keyId).number
  }

  /** Its name, and the key that it is sealed with, for the journal. */
  describe(number: number): { readonly name: string; readonly keyId: string } {
    return this.#at(number)
  }

  /** Writes batches to one file, durably. After a failure nothing of them counts. */
  async write(batches: readonly RecordBatch[], key: FrameKey | undefined): Promise<BlockPlace[]> {
    const writing = await this.#fileToWrite(key)
    const { known, file } = writing
    const overheadBytes = key === undefined ? 0 : sealOverheadBytes
    const sizes = batches.map(({ lengths, data }) => lengths.length * 4 + data.byteLength + overheadBytes)
    const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0))
    const sealingKey = key && deriveSegmentKey(key.secret, Buffer.from(known.name, "hex"))
    const places: BlockPlace[] = []
    let filled = 0
    for (const [index, batch] of batches.entries()) {
      const stored = bytes.subarray(filled, filled + (sizes[index] ?? 0))
      const offset = writing.sizeBytes + filled
      const lengths = encodeLengths(batch.lengths)
      if (sealingKey === undefined) {
        stored.set(lengths)
        stored.set(batch.data, lengths.length)
      } else {
        const nonce = this.#options.random.bytes(sealNonceBytes)
        sealBody(stored, sealingKey, nonce, boundTo(offset), [lengths, batch.data])
      }
      places.push({ file: known.number, offset, storedBytes: stored.length, crc: crc32(stored) })
      filled += stored.length
    }
    try {
      await file.write([bytes], writing.sizeBytes)
    } catch (error) {
      // What the system kept of it in memory can't be trusted: the next write begins another file.
      this.#writing = undefined
      await file.close()
      // Where the disk is full, what was written in vain must not keep it so. If that fails, the next start does it.
      await this.#deleteIfUnused(known).catch(() => {})
      throw error
    }
    writing.sizeBytes += filled
    return places
  }

  /** Opens files for reading, until it is closed. */
  reader(): SpoolReader {
    const open = new Map<number, DiskFile | undefined>()
    const openingKeys = new Map<number, Buffer>()
    const { disk, keys } = this.#options
    const openingKey = async ({ name, keyId, number }: SpoolFile) => {
      const known = openingKeys.get(number)
      if (known !== undefined) return known
      const { secret } = await keys.find(keyId)
      const derived = deriveSegmentKey(secret, Buffer.from(name, "hex"))
      openingKeys.set(number, derived)
      return derived
    }
    return {
      read: async (block) => {
        const known = this.#at(block.file)
        const file = open.get(block.file) ?? (await disk.open(this.#path(known.name), "read").catch(unlessMissing))
        open.set(block.file, file)
        const stored = Buffer.allocUnsafe(block.storedBytes)
        if (file === undefined || (await file.read(stored, block.offset)) < stored.length) return undefined
        if (crc32(stored) !== block.crc) return undefined
        if (known.keyId === "") return decodeBlock(stored, block)
        const body = openBody(stored, await openingKey(known), boundTo(block.offset))
        return body && decodeBlock(body, block)
      },
      close: async () => {
        for (const file of open.values()) await file?.close()
      },
    }
  }

  /** A block is needed until it is let go. */
  keep({ file }: Pick<Block, "file">): void {
    this.#at(file).liveCount++
  }

  /** Blocks that are not needed any more; files that hold nothing else are deleted. */
  async letGo(blocks: Iterable<Pick<Block, "file">>): Promise<void> {
    const touched = new Set<SpoolFile>()
    for (const { file } of blocks) {
      const known = this.#at(file)
      known.liveCount--
      touched.add(known)
    }
    for (const known of touched) await this.#deleteIfUnused(known)
  }

  /** Deletes files that hold no block that is kept: of an earlier life. */
  async deleteOthers(): Promise<void> {
    const { disk, folder } = this.#options
    const names = (await disk.list(folder).catch(unlessMissing)) ?? []
    for (const fileName of names) {
      const known = this.#byName.get(path.basename(fileName, extension))
      if (known === undefined || known.liveCount === 0) await removeIfThere(disk, path.join(folder, fileName))
    }
  }

  async close(): Promise<void> {
    const file = this.#writing?.file
    this.#writing = undefined
    await file?.close()
  }

  async #fileToWrite(key: FrameKey | undefined) {
    const { fileBytesMax, random } = this.#options
    const keyId = key?.id ?? ""
    if (this.#writing?.known.keyId === keyId && this.#writing.sizeBytes < fileBytesMax) return this.#writing
    await this.#finish()
    const known = this.#known(random.bytes(nameBytes).toString("hex"), keyId)
    const { disk, folder } = this.#options
    if (!this.#hasFolder) await disk.makeFolder(folder)
    this.#hasFolder = true
    const file = await disk.open(this.#path(known.name), "create-durable")
    try {
      await disk.syncFolder(folder)
    } catch (error) {
      // Its name may be lost, with all that is written to it: it is not used.
      await file.close()
      // What failed first is what is told. A file that is left is empty, and deleted by the next start.
      await removeIfThere(disk, this.#path(known.name)).catch(() => {})
      throw error
    }
    this.#writing = { known, file, sizeBytes: 0 }
    return this.#writing
  }

  async #finish() {
    const writing = this.#writing
    this.#writing = undefined
    if (writing === undefined) return
    await writing.file.close()
    await this.#deleteIfUnused(writing.known)
  }

  async #deleteIfUnused(known: SpoolFile) {
    if (known.liveCount > 0) return
    const writing = this.#writing
    if (writing?.known === known) {
      if (writing.sizeBytes < deletedFileBytesMin) return
      this.#writing = undefined
      await writing.file.close()
    }
    await removeIfThere(this.#options.disk, this.#path(known.name))
  }

  #known(name: string, keyId: string): SpoolFile {
    const known = this.#byName.get(name) ?? { number: this.#files.length, name, keyId, liveCount: 0 }
    if (!this.#byName.has(name)) {
      this.#byName.set(name, known)
      this.#files.push(known)
    }
    return known
  }

  #at(number: number): SpoolFile {
    const known = this.#files[number]
    if (known === undefined) throw new Error(`The spool has no file number ${number}`)
    return known
  }

  #path(name: string) {
    return path.join(this.#options.folder, name + extension)
  }
}

export interface SpoolReader {
  /**
   * The records of a block; undefined when they are damaged or gone.
   * @throws KeyUnavailableError
   */
  read(block: Block): Promise<RecordBatch | undefined>
  close(): Promise<void>
}

/** What a sealed block is bound to: its place. */
function boundTo(offset: number): Buffer {
  return Buffer.from(`spool ${offset}`)
}

function encodeLengths(lengths: Uint32Array): Buffer {
  const encoded = Buffer.allocUnsafe(lengths.length * 4)
  for (const [index, length] of lengths.entries()) encoded.writeUInt32LE(length, index * 4)
  return encoded
}

function decodeBlock(body: Buffer, { recordCount }: Block): RecordBatch {
  const lengths = new Uint32Array(recordCount)
  for (let index = 0; index < recordCount; index++) lengths[index] = body.readUInt32LE(index * 4)
  return { lengths, data: body.subarray(recordCount * 4) }
}
