import { KeyRefusedError } from "./key-errors.ts"
import type { KeyWrapper } from "./key-wrapper.ts"
import type { Kms, KmsSettings } from "./kms.ts"

/**
 * A KMS whose client is loaded while others start: that takes time, which a start without it need not. Not when a key is first asked
 * for: Node remembers for good that a module could not be read, and then a disk may be failing, or have no descriptor left.
 */
export function openKms(settings: KmsSettings): KeyWrapper & { close(): Promise<void> } {
  const loading: Promise<Kms> = import("./kms.ts").then(({ Kms }) => new Kms(settings))
  // Told to whoever asks for a key.
  loading.catch(() => {})
  return {
    generate: async (key, streamArn) => (await loading).generate(key, streamArn),
    unwrap: async (dataKey, streamArn) => (await loading).unwrap(dataKey, streamArn),
    // What could not be loaded has nothing to close.
    close: () =>
      loading.then(
        (kms) => kms.close(),
        () => {},
      ),
  }
}

/** In place of a KMS where none is configured: refuses every key, and says what to do. */
export const noKms: KeyWrapper = {
  generate: (key) => Promise.reject(notConfigured(key.type)),
  unwrap: ({ key }) => Promise.reject(notConfigured(key.type)),
}

function notConfigured(keyType: string): KeyRefusedError {
  return new KeyRefusedError(
    "not-found",
    `No KMS is configured for a ${keyType}: set kms-endpoint (AWS_ENDPOINT_URL_KMS) to one, or kms to local for development`,
  )
}
