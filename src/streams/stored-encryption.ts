import { enumeration, integer, list, optional, string, structure, type TypeOf } from "../shapes/index.ts"
import type { EncryptionState, MasterKey, StreamEncryption } from "./definition.ts"

const storedKey = structure("A key that wraps data keys.", {
  type: enumeration("KeyType.", ["AWS_OWNED_CMK", "CUSTOMER_MANAGED_CMK"]),
  arn: optional(string("KeyARN, of a CUSTOMER_MANAGED_CMK.")),
})

/** How the encryption of a stream is kept. */
export const storedEncryption = structure("The encryption of its records while they are kept.", {
  status: enumeration("DeliveryStreamEncryptionConfiguration.Status.", [
    "DISABLED",
    "ENABLING",
    "ENABLED",
    "ENABLING_FAILED",
    "DISABLING",
  ]),
  key: optional(storedKey),
  before: optional(storedKey),
  failure: optional(
    structure("Why it failed.", {
      type: string("FailureDescription.Type."),
      details: string("FailureDescription.Details."),
    }),
  ),
  dataKeys: list(
    "All that sealed its records, the latest last.",
    structure("One data key.", {
      id: string("32 hexadecimal digits."),
      key: storedKey,
      wrapped: string("Base64."),
    }),
  ),
  changesMs: list("When it was started or stopped.", integer("Milliseconds since the epoch.")),
})

type Stored = TypeOf<typeof storedEncryption>

/** An encryption as plain JSON. */
export function encryptionToStored({ state, dataKeys, changesMs }: StreamEncryption): Stored {
  return {
    status: state.status,
    ...("key" in state ? { key: state.key } : {}),
    ...("before" in state && state.before !== undefined ? { before: state.before } : {}),
    ...("failure" in state ? { failure: state.failure } : {}),
    dataKeys,
    changesMs,
  }
}

/**
 * An encryption from what `encryptionToStored` made.
 * @throws Error that tells what is wrong with it
 */
export function encryptionFromStored({ dataKeys, changesMs, ...stored }: Stored): StreamEncryption {
  return {
    state: stateOf(stored),
    dataKeys: dataKeys.map(({ key, ...rest }) => ({ ...rest, key: keyOf(key) })),
    changesMs,
  }
}

function stateOf({ status, key, before, failure }: Omit<Stored, "dataKeys" | "changesMs">): EncryptionState {
  if (status === "DISABLED") return { status }
  if (key === undefined) throw new Error(`encryption is ${status} without a key`)
  const inForce = { key: keyOf(key), before: before === undefined ? undefined : keyOf(before) }
  switch (status) {
    case "ENABLING":
      return { status, ...inForce }
    case "ENABLED":
    case "DISABLING":
      return { status, key: inForce.key }
    case "ENABLING_FAILED":
      return { status, ...inForce, failure: failure ?? { type: "UNKNOWN_ERROR", details: "The reason was not kept" } }
  }
}

function keyOf({ type, arn }: TypeOf<typeof storedKey>): MasterKey {
  if (type === "AWS_OWNED_CMK") return { type }
  if (arn === undefined) throw new Error(`a key is a ${type} without its ARN`)
  return { type, arn }
}
