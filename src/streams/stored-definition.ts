import {
  boolean,
  enumeration,
  integer,
  jsonObject,
  list,
  optional,
  readShape,
  string,
  structure,
  type TypeOf,
} from "../shapes/index.ts"
import { notEncrypted, type StreamDefinition, type StreamStatus } from "./definition.ts"
import { encryptionFromStored, encryptionToStored, storedEncryption } from "./stored-encryption.ts"

/** How a definition is kept. Members may be added, as optional ones; none may change its meaning. */
const storedDefinition = structure("A stream's definition, as the catalog keeps it.", {
  uid: string("One incarnation of the name."),
  name: string("The delivery stream's name."),
  arn: string("Its ARN."),
  type: enumeration("Where its records come from.", ["DirectPut"]),
  status: enumeration("DeliveryStreamStatus.", [
    "CREATING",
    "ACTIVE",
    "DELETING",
    "CREATING_FAILED",
    "DELETING_FAILED",
  ]),
  failure: optional(
    structure("Why it failed.", {
      type: string("FailureDescription.Type."),
      details: string("FailureDescription.Details."),
    }),
  ),
  version: integer("VersionId."),
  createdMs: integer("CreateTimestamp."),
  updatedMs: optional(integer("LastUpdateTimestamp.")),
  throughputHintInMBs: optional(integer("DirectPutSourceConfiguration.ThroughputHintInMBs.")),
  destination: structure("Where its records go.", {
    id: string("DestinationId."),
    kind: string("Name in the table of destinations."),
    configuration: jsonObject("What that kind stores."),
  }),
  tags: list(
    "In the order of their keys.",
    structure("One tag.", { key: string("Key."), value: optional(string("Value.")) }),
  ),
  deliveryEnabled: boolean("False while delivery is paused."),
  encryption: optional(storedEncryption),
  partitionCount: integer("Partitions of its log."),
})

/** A definition as plain JSON. */
export function toStored(definition: StreamDefinition): TypeOf<typeof storedDefinition> {
  const { status, encryption, ...rest } = definition
  return {
    ...rest,
    status: status.kind,
    ...("failure" in status ? { failure: status.failure } : {}),
    encryption: encryptionToStored(encryption),
  }
}

/**
 * A definition from what `toStored` made.
 * @throws Error that tells what is wrong with it
 */
export function fromStored(json: unknown): StreamDefinition {
  const outcome = readShape(storedDefinition, json)
  if (outcome.kind === "refused") throw new Error(outcome.problems.map((problem) => problem.message).join("; "))
  const { status, failure, encryption, ...rest } = outcome.value
  return {
    ...rest,
    status: statusOf(status, failure),
    // Absent from what was stored before streams could be encrypted.
    encryption: encryption === undefined ? notEncrypted : encryptionFromStored(encryption),
  }
}

type Stored = TypeOf<typeof storedDefinition>

function statusOf(kind: Stored["status"], failure: Stored["failure"]): StreamStatus {
  switch (kind) {
    case "CREATING_FAILED":
    case "DELETING_FAILED":
      return { kind, failure: failure ?? { type: "UNKNOWN_ERROR", details: "The reason was not kept" } }
    default:
      return { kind }
  }
}
