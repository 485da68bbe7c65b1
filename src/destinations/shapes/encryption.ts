import { enumeration, optional, structure, type TypeOf } from "../../shapes/index.ts"
import { kmsKeyArn } from "./arns.ts"

/** How objects are encrypted in their bucket: spec/s3.md, section 6. */
export const encryptionConfiguration = structure("How the store encrypts objects: one of the two members.", {
  NoEncryptionConfig: optional(enumeration("As the bucket says.", ["NoEncryption"])),
  KMSEncryptionConfig: optional(structure("With a KMS key.", { AWSKMSKeyARN: kmsKeyArn })),
})

type EncryptionConfiguration = TypeOf<typeof encryptionConfiguration>

/** What is wrong with the configuration; undefined when nothing is. The service's own words are not known. */
export function checkEncryption(configuration: EncryptionConfiguration | undefined): string | undefined {
  const both = configuration?.NoEncryptionConfig !== undefined && configuration.KMSEncryptionConfig !== undefined
  return both ? "EncryptionConfiguration must hold NoEncryptionConfig or KMSEncryptionConfig, not both" : undefined
}
