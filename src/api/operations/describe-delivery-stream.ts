import assert from "node:assert/strict"
import type { DestinationKind } from "../../destinations/index.ts"
import { integer, type JsonObject, optional, structure } from "../../shapes/index.ts"
import type { EncryptionState, Failure, StoredDestination, StreamDefinition } from "../../streams/index.ts"
import { deliveryStreamName, destinationId } from "../members.ts"
import { operation } from "../operation.ts"
import { requireStream } from "../streams.ts"

/** spec/api.md, section 4.3. */
export const describeDeliveryStream = operation({
  name: "DescribeDeliveryStream",
  latency: "DescribeDeliveryStream.Latency",
  input: structure("Tells the status and the configuration of a delivery stream.", {
    DeliveryStreamName: deliveryStreamName,
    Limit: optional(integer("Destinations to tell at most. A stream has one.", { min: 1, max: 10_000 })),
    ExclusiveStartDestinationId: optional(destinationId),
  }),
  handle(context, input) {
    const stream = requireStream(context, input.DeliveryStreamName)
    const isAfterStart = stream.destination.id !== input.ExclusiveStartDestinationId
    const shown = isAfterStart ? [describeDestination(stream.destination, context.destinations)] : []
    return { DeliveryStreamDescription: { ...describeStream(stream), Destinations: shown, HasMoreDestinations: false } }
  },
})

function describeStream(stream: StreamDefinition): JsonObject {
  return {
    CreateTimestamp: seconds(stream.createdMs),
    DeliveryStreamARN: stream.arn,
    // Terraform waits on this status, and fails when it is not there.
    DeliveryStreamEncryptionConfiguration: describeEncryption(stream.encryption.state),
    DeliveryStreamName: stream.name,
    DeliveryStreamStatus: stream.status.kind,
    DeliveryStreamType: stream.type,
    ...("failure" in stream.status ? { FailureDescription: describeFailure(stream.status.failure) } : {}),
    ...(stream.updatedMs === undefined ? {} : { LastUpdateTimestamp: seconds(stream.updatedMs) }),
    ...(stream.throughputHintInMBs === undefined
      ? {}
      : { Source: { DirectPutSourceDescription: { ThroughputHintInMBs: stream.throughputHintInMBs } } }),
    VersionId: String(stream.version),
  }
}

/** `KeyType` is absent of a stream that is not encrypted: spec/config-shapes.md, section 5. */
function describeEncryption(state: EncryptionState): JsonObject {
  if (state.status === "DISABLED") return { Status: state.status }
  return {
    ...("failure" in state ? { FailureDescription: describeFailure(state.failure) } : {}),
    ...(state.key.type === "CUSTOMER_MANAGED_CMK" ? { KeyARN: state.key.arn } : {}),
    KeyType: state.key.type,
    Status: state.status,
  }
}

function describeFailure({ details, type }: Failure): JsonObject {
  return { Details: details, Type: type }
}

/** A destination in each view of its kind: clients look for the one that they know (spec/config-shapes.md, section 2.2). */
function describeDestination(stored: StoredDestination, kinds: readonly DestinationKind[]): JsonObject {
  const kind = kinds.find(({ name }) => name === stored.kind)
  assert.ok(kind, `A stream is stored with a destination of the unknown kind "${stored.kind}"`)
  const views = kind.views.map((view) => [view.descriptionMember, view.describe(stored.configuration)] as const)
  return { DestinationId: stored.id, ...Object.fromEntries(views) }
}

/** A moment as AWS tells it: seconds with up to three decimals. */
function seconds(timeMs: number): number {
  return timeMs / 1000
}
