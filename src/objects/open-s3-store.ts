import type { ObjectReader } from "./reader.ts"
import type { S3StoreSettings } from "./s3/index.ts"
import type { ObjectStore } from "./store.ts"

/** A store of the S3 protocol. Its client is loaded here: that takes a quarter of a second, which a start without it need not. */
export async function openS3Store(settings: S3StoreSettings): Promise<ObjectStore> {
  const { createS3Store } = await import("./s3/index.ts")
  return createS3Store(settings)
}

/** A reader of a bucket of such a store. */
export async function openS3Reader(settings: S3StoreSettings, bucket: string): Promise<ObjectReader> {
  const { createS3Reader } = await import("./s3/index.ts")
  return createS3Reader(settings, bucket)
}
