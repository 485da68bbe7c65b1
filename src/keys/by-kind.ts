import { isWrappedByFile } from "./key-file.ts"
import type { KeyWrapper } from "./key-wrapper.ts"

/**
 * The server's own keys for AWS_OWNED_CMK, and `customerManaged` for the others. What is wrapped says by itself where: a
 * setting may have changed since.
 */
export function byKind({
  keyFile,
  customerManaged,
}: {
  readonly keyFile: KeyWrapper
  readonly customerManaged: KeyWrapper
}): KeyWrapper {
  return {
    generate: (key, streamArn) => (key.type === "AWS_OWNED_CMK" ? keyFile : customerManaged).generate(key, streamArn),
    unwrap: (dataKey, streamArn) => (isWrappedByFile(dataKey) ? keyFile : customerManaged).unwrap(dataKey, streamArn),
  }
}
