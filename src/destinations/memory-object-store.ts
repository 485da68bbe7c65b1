import type { ObjectStore, ObjectToPut, PutOutcome } from "../objects/index.ts"

/** An object store that forgets everything with the process: what destinations are tested with. */
export interface MemoryObjectStore extends ObjectStore {
  /** What is in it, by `bucket/key`. */
  readonly objects: ReadonlyMap<string, StoredObject>
  /** From now on each put reads the body, stores nothing and answers this; undefined ends it. */
  failWith(failure: Extract<PutOutcome, { kind: "later" }> | undefined): void
}

export type StoredObject = Omit<ObjectToPut, "bucket" | "key" | "body"> & { readonly content: Buffer }

export function memoryObjectStore(): MemoryObjectStore {
  const objects = new Map<string, StoredObject>()
  let failure: PutOutcome | undefined
  return {
    objects,
    failWith(next) {
      failure = next
    },
    async put({ bucket, key, body, ...rest }) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body()) chunks.push(chunk)
      if (failure !== undefined) return failure
      const content = Buffer.concat(chunks)
      objects.set(`${bucket}/${key}`, { ...rest, content })
      return { kind: "stored", sizeBytes: content.length }
    },
    async close() {},
  }
}
