import path from "node:path"
import type { Settings } from "./config/index.ts"
import { byKind, isWrappedByFile, KeyFile, type KeyWrapper, noKms, openKms } from "./keys/index.ts"
import type { Logger } from "./observe/index.ts"
import type { Disk, Random } from "./platform/index.ts"
import type { Catalog, WrappedDataKey } from "./streams/index.ts"

export interface MasterKeys {
  readonly wrapper: KeyWrapper
  close(): Promise<void>
}

/**
 * What wraps the data keys of streams, as the settings say: the server's own key file, and a KMS. Tells of streams whose
 * key is not in the file: they don't work until it is there again, and the others do.
 * @throws Error when the key file was named and is missing, or can't be used
 */
export async function openMasterKeys(
  settings: Pick<Settings, "dataFolder" | "region" | "encryptionKeyFile" | "kms" | "kmsEndpoint">,
  { disk, random, catalog, logger }: { disk: Disk; random: Random; catalog: Catalog; logger: Logger },
): Promise<MasterKeys> {
  const { encryptionKeyFile, dataFolder, region, kms, kmsEndpoint } = settings
  const isNeeded = () => catalog.list().some(({ encryption }) => encryption.dataKeys.some(isWrappedByFile))
  const keyFile = new KeyFile({
    disk,
    random,
    file: encryptionKeyFile ?? path.join(dataFolder, "keys", "encryption.keys"),
    // Another key in the place of one that is needed would only hide that it is lost.
    mayBeMade: () => encryptionKeyFile === undefined && !isNeeded(),
  })
  const held = await keyFile.held()
  if (held === undefined && encryptionKeyFile !== undefined) {
    throw new Error(
      `there is no encryption-key-file "${encryptionKeyFile}". Make one, and keep a copy: openssl rand -base64 32 > FILE`,
    )
  }
  const lost = (dataKey: WrappedDataKey) => isWrappedByFile(dataKey) && held?.(dataKey) !== true
  for (const { name, encryption } of catalog.list()) {
    if (!encryption.dataKeys.some(lost)) continue
    logger.error(
      { stream: name, file: keyFile.path },
      "The key that records of this stream are encrypted with is not in the encryption key file: restore it, or they are lost",
    )
  }
  if (kms === "local") return { wrapper: keyFile, close: async () => {} }
  if (kmsEndpoint === undefined) {
    return { wrapper: byKind({ keyFile, customerManaged: noKms }), close: async () => {} }
  }
  const remote = openKms({ region, endpoint: kmsEndpoint })
  return { wrapper: byKind({ keyFile, customerManaged: remote }), close: () => remote.close() }
}
