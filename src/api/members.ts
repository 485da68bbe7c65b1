/** Members that several operations share, each with the limits of the service model. */
import { blob, enumeration, integer, list, optional, readShape, string, structure } from "../shapes/index.ts"

export const deliveryStreamName = string("The delivery stream's name, unique in the account and region.", {
  lengthMin: 1,
  lengthMax: 64,
  pattern: "[a-zA-Z0-9_.-]+",
})

let lastStreamName = ""

/** Whether a text is a name that a stream can have. Puts ask it of the same few names all the time. */
export function isStreamName(text: string): boolean {
  if (text === lastStreamName) return true
  if (readShape(deliveryStreamName, text).kind === "refused") return false
  lastStreamName = text
  return true
}

export const deliveryStreamType = enumeration("Where a stream's records come from.", [
  "DirectPut",
  "KinesisStreamAsSource",
  "MSKAsSource",
  "DatabaseAsSource",
])

export const destinationId = string("A destination's id, as DescribeDeliveryStream tells it.", {
  lengthMin: 1,
  lengthMax: 100,
  pattern: "[a-zA-Z0-9-]+",
})

export const versionId = string("The version that the caller has seen: an update of another one is refused.", {
  lengthMin: 1,
  lengthMax: 50,
  pattern: "[0-9]+",
})

export const directPutSource = structure("What is known of the producers that put into the stream.", {
  ThroughputHintInMBs: integer("How much they are expected to put, in MB a second. It changes no limit.", {
    min: 1,
    max: 100,
  }),
})

export const encryptionInput = structure("The key that encrypts records while they are kept.", {
  KeyARN: optional(
    string("The KMS key, for CUSTOMER_MANAGED_CMK.", {
      lengthMin: 1,
      lengthMax: 512,
      pattern: "arn:.*:kms:[a-zA-Z0-9\\-]+:\\d{12}:(key|alias)/[a-zA-Z_0-9+=,.@\\-_/]+",
    }),
  ),
  KeyType: enumeration("Whose key it is.", ["AWS_OWNED_CMK", "CUSTOMER_MANAGED_CMK"]),
})

export const tagKey = string("A tag's key. Case counts.", {
  lengthMin: 1,
  lengthMax: 128,
  pattern: "^(?!aws:)[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@%]*$",
})

const tag = structure("A key that a stream is labelled with, and maybe a value.", {
  Key: tagKey,
  Value: optional(
    string("The tag's value.", {
      lengthMin: 0,
      lengthMax: 256,
      pattern: "^[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@%]*$",
    }),
  ),
})

export const tagList = list("Tags to set. A key that is there already gets the new value.", tag, {
  countMin: 1,
  countMax: 50,
})

/** 1,000 KiB, decoded: spec/ingest.md, section 3. */
export const recordBytesMax = 1_024_000

export const record = structure("One record.", {
  Data: blob("Its bytes, of any kind. Nothing is added to them, not even a line's end.", {
    bytesMin: 0,
    bytesMax: recordBytesMax,
  }),
})
