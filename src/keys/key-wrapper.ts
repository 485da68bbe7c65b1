import type { MasterKey, WrappedDataKey } from "../streams/index.ts"

/** A data key just made: to be used, and to be written down. */
export interface NewDataKey {
  /** 32 random bytes. */
  readonly secret: Uint8Array
  /** Base64. */
  readonly wrapped: string
}

/**
 * What keeps master keys: it makes data keys, and gets them back from their wrapped form. A wrapped key is bound to the
 * stream that it was made for: nobody can have it unwrapped in the name of another one.
 */
export interface KeyWrapper {
  /** @throws KeyError */
  generate(key: MasterKey, streamArn: string): Promise<NewDataKey>
  /** @throws KeyError */
  unwrap(dataKey: WrappedDataKey, streamArn: string): Promise<Uint8Array>
}
