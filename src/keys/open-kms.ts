import { KeyRefusedError } from "./key-errors.ts"
import type { KeyWrapper } from "./key-wrapper.ts"
import type { Kms, KmsSettings } from "./kms.ts"

/** A KMS whose client is loaded when a key is first asked for: that takes time, which a start without it need not. */
export function openKms(settings: KmsSettings): KeyWrapper & { close(): Promise<void> } {
  let loaded: Promise<Kms> | undefined
  const load = () => {
    loaded ??= import("./kms.ts").then(({ Kms }) => new Kms(settings))
    return loaded
  }
  return {
    generate: async (key, streamArn) => (await load()).generate(key, streamArn),
    unwrap: async (dataKey, streamArn) => (await load()).unwrap(dataKey, streamArn),
    close: async () => (await loaded)?.close(),
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
