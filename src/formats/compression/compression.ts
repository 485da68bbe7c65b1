import type { Workers } from "../../workers/index.ts"

/** The values of CompressionFormat, as the API spells them (spec/s3.md, section 5). */
export type CompressionName = "UNCOMPRESSED" | "GZIP" | "ZIP" | "Snappy" | "HADOOP_SNAPPY"

/** One way to compress an object. A new one is a file beside this one and a line in the table (compressions.ts). */
export interface Compression {
  readonly name: CompressionName
  /** What the object's key ends with, unless the stream has a FileExtension of its own; empty for none. */
  readonly extension: string
  /** The object's Content-Encoding; undefined for none. */
  readonly contentEncoding: string | undefined
  /**
   * The compressed form of `bytes`, made while it is read: memory holds a few blocks of 1 MiB, however long the input is.
   *
   * The output depends on the bytes and `entryName` alone, neither on how the input is cut into chunks nor on the time:
   * an object that is made again after a crash is the same one. (A newer Node may bring another version of zlib, and
   * with it other bytes of the same content.)
   *
   * An error of `bytes` is thrown on. Whoever stops reading early has `bytes` closed.
   */
  compress(bytes: AsyncIterable<Uint8Array>, context: CompressionContext): AsyncIterable<Uint8Array>
  /**
   * What `compress` was given, from what it made, while it is read: memory holds a block or two.
   *
   * Throws when the bytes are not whole or not of this form, having given what came before; an error of `bytes` is thrown on.
   * Whoever stops reading early has `bytes` closed.
   */
  decompress(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

export interface CompressionContext {
  /** The name inside the container, for the formats that have one: ZIP. */
  readonly entryName: string
  /** Who does what takes the processor long. */
  readonly workers: Workers
}
