/** Rules that the operations on server-side encryption share: spec/api.md, sections 4.1 and 4.7. */
import type { TypeOf } from "../shapes/index.ts"
import {
  encryptionChangesMax,
  hasChangedTooOften,
  isChanging,
  type MasterKey,
  masterKeyInForce,
  type StreamDefinition,
} from "../streams/index.ts"
import { invalidArgument, invalidKmsResource, limitExceeded, resourceInUse } from "./errors.ts"
import type { encryptionInput } from "./members.ts"
import type { Context } from "./operation.ts"
import { requireActive } from "./streams.ts"

/** spec/ingest.md, section 11. */
const streamsPerKeyMax = 500

/**
 * The key that a request names.
 * @throws ApiError InvalidArgumentException
 */
export function masterKeyOf({ KeyType, KeyARN }: TypeOf<typeof encryptionInput>): MasterKey {
  if (KeyType === "AWS_OWNED_CMK") {
    if (KeyARN === undefined) return { type: KeyType }
    throw invalidArgument("KeyARN is only applicable for KeyType CUSTOMER_MANAGED_CMK")
  }
  if (KeyARN === undefined) throw invalidArgument("KeyARN is required for KeyType CUSTOMER_MANAGED_CMK")
  return { type: KeyType, arn: KeyARN }
}

/**
 * The key may be used for the stream, and can be.
 * @throws ApiError LimitExceededException, InvalidKMSResourceException. Not when its KMS can't be reached: that may pass
 */
export async function requireUsableKey(
  { catalog, keys }: Context,
  key: MasterKey,
  stream: Pick<StreamDefinition, "name" | "arn">,
): Promise<void> {
  if (key.type === "CUSTOMER_MANAGED_CMK") {
    const others = catalog.list().filter((other) => other.name !== stream.name && usesKey(other, key.arn))
    if (others.length >= streamsPerKeyMax) {
      throw limitExceeded(
        `${streamsPerKeyMax} delivery streams are encrypted with ${key.arn} already, and no more can be`,
      )
    }
  }
  const refused = await keys.refusal(key, stream.arn)
  if (refused !== undefined) throw invalidKmsResource(refused.names.exception, refused.message)
}

function usesKey({ encryption: { state } }: StreamDefinition, arn: string): boolean {
  const keys = [masterKeyInForce(state), state.status === "ENABLING" ? state.key : undefined]
  return keys.some((key) => key?.type === "CUSTOMER_MANAGED_CMK" && key.arn === arn)
}

/**
 * The stream's encryption may be started or stopped at `nowMs`.
 * @throws ApiError ResourceInUseException, LimitExceededException
 */
export function requireChangeable(stream: StreamDefinition, nowMs: number): void {
  requireActive(stream)
  const { name, encryption } = stream
  if (isChanging(encryption)) {
    throw resourceInUse(
      `Encryption of Firehose ${name} is in status ${encryption.state.status}: it can be changed again when that is done`,
    )
  }
  if (hasChangedTooOften(encryption, nowMs)) {
    throw limitExceeded(
      `Encryption of Firehose ${name} was started and stopped ${encryptionChangesMax} times within 24 hours, and no more is allowed`,
    )
  }
}
