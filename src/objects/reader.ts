/** Reads the objects of one bucket, as whoever did not put them finds them. A folder and S3 implement this. */
export interface ObjectReader {
  /**
   * The objects whose keys begin with `prefix`, while they are listed; those that come or go meanwhile may be there or not.
   * In an order that is the same each time. Memory holds a page of them, or the names in one folder and those above it.
   *
   * @throws ReadFailure
   */
  list(prefix: string, signal: AbortSignal): AsyncIterable<ListedObject>
  /**
   * An object's content. The caller reads `body` to its end, or ends its iteration.
   *
   * @throws ReadFailure, also while the body is read
   */
  open(key: string, signal: AbortSignal): Promise<OpenObject>
  /** Lets go of connections. May be called twice. */
  close(): Promise<void>
}

export interface ListedObject {
  readonly key: string
  readonly sizeBytes: number
  /** By the clock of the store. */
  readonly modifiedMs: number
  /** Another one when the object's content was replaced. */
  readonly version: string
}

export interface OpenObject {
  /** Of what `body` gives: another one than was listed when the object was replaced since. */
  readonly version: string
  /** Undefined when there is none, or the store keeps no headers. */
  readonly contentEncoding: string | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/** A store that could not be read: the message is a sentence for a person, with what to do about it where that is known. */
export class ReadFailure extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause })
    this.name = "ReadFailure"
  }
}
