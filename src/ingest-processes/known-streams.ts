import type { Catalog, CreateOutcome, StreamDefinition } from "../streams/index.ts"

/**
 * The streams that an ingest process takes puts for, in the form in which the API looks them up. They are changed in the
 * server's process only, which tells.
 */
export class KnownStreams implements Catalog {
  readonly #streams = new Map<string, StreamDefinition>()

  set(stream: StreamDefinition) {
    this.#streams.set(stream.name, stream)
  }

  forget(streamUid: string) {
    for (const { uid, name } of this.list()) if (uid === streamUid) this.#streams.delete(name)
  }

  find(name: string) {
    return this.#streams.get(name)
  }

  list() {
    return [...this.#streams.values()]
  }

  create(): Promise<CreateOutcome> {
    return Promise.reject(elsewhere())
  }

  change(): Promise<never> {
    return Promise.reject(elsewhere())
  }

  remove(): Promise<void> {
    return Promise.reject(elsewhere())
  }

  onChange(): never {
    throw elsewhere()
  }
}

function elsewhere(): Error {
  return new Error("An ingest process can't change the catalog, nor follow it: the server's process does")
}
