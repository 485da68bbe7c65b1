import type { Configured, DestinationKind } from "../../destinations/index.ts"
import { readShape, structure } from "../../shapes/index.ts"
import type { StoredDestination, StreamDefinition } from "../../streams/index.ts"
import { destinationMembers, type GivenDestination, requireValid, requireVerified } from "../destination-members.ts"
import { concurrentModification, invalidArgument, malformedInput } from "../errors.ts"
import { deliveryStreamName, destinationId, versionId } from "../members.ts"
import { type Operation, operation } from "../operation.ts"
import { changeStream, requireActive, requireStream } from "../streams.ts"

/** spec/api.md, section 4.5. */
export function updateDestination(kinds: readonly DestinationKind[]): Operation {
  const destinations = destinationMembers(kinds, "update")
  return operation({
    name: "UpdateDestination",
    latency: "UpdateDeliveryStream.Latency",
    input: structure("Changes the destination of a delivery stream that stays ACTIVE meanwhile.", {
      DeliveryStreamName: deliveryStreamName,
      CurrentDeliveryStreamVersionId: versionId,
      DestinationId: destinationId,
      ...destinations.members,
    }),
    async handle(context, input) {
      const { CurrentDeliveryStreamVersionId: givenVersion, DestinationId: id } = input
      const decide = (current: StreamDefinition): StreamDefinition => {
        requireActive(current)
        const update = destinations.theOnly(input)
        const version = String(current.version)
        if (givenVersion !== version) {
          throw concurrentModification(current.name, { current: version, given: givenVersion })
        }
        if (id !== current.destination.id) throw invalidArgument(`Destination Id ${id} not found`)
        const configuration = requireValid(configure(update, current.destination))
        return {
          ...current,
          version: current.version + 1,
          updatedMs: context.clock.now(),
          destination: { id, kind: update.kind.name, configuration },
        }
      }
      const { destination } = decide(requireStream(context, input.DeliveryStreamName))
      await requireVerified(context, destination)
      // Decided again, since that took time: the stream may have changed.
      await changeStream(context, input.DeliveryStreamName, decide)
      return {}
    },
  })
}

/** Of the same kind, an update is laid over what is stored; of another, nothing is kept, and so it must be whole. */
function configure({ kind, view, given }: GivenDestination, stored: StoredDestination): Configured {
  if (kind.name === stored.kind) return view.merge(stored.configuration, given)
  const whole = readShape(view.configuration, given)
  if (whole.kind === "refused") throw malformedInput(whole.problems)
  return view.create(whole.value)
}
