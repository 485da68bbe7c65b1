import { KeyRefusedError } from "./key-errors.ts"
import type { KeyWrapper } from "./key-wrapper.ts"

/** In place of a KMS where none is configured: refuses every key, and says what to do. */
export const noKms: KeyWrapper = {
  generate: (key) => Promise.reject(notConfigured(key.type)),
  unwrap: ({ key }) => Promise.reject(notConfigured(key.type)),
}

function notConfigured(keyType: string): KeyRefusedError {
  return new KeyRefusedError("not-found", `No KMS is configured for a ${keyType}: set kms to local for development`)
}
