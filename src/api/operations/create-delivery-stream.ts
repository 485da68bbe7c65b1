import type { DestinationKind } from "../../destinations/index.ts"
import { optional, type StructureValue, structure, type TypeOf } from "../../shapes/index.ts"
import { type CreateOutcome, encryptedWith, type NewStream, streamArn } from "../../streams/index.ts"
import { destinationMembers, requireValid, requireVerified } from "../destination-members.ts"
import { masterKeyOf, requireUsableKey } from "../encryption.ts"
import { invalidArgument, limitExceeded, resourceInUse } from "../errors.ts"
import { deliveryStreamName, deliveryStreamType, directPutSource, encryptionInput, tagList } from "../members.ts"
import { type Context, type Operation, operation } from "../operation.ts"
import { mergeTags } from "../tags.ts"
import { declareUnsupported, notSupported, unsupportedSources } from "../unsupported.ts"

/** A stream has one destination, and it keeps its id through every update. */
const firstDestinationId = "destinationId-000000000001"

/** spec/api.md, section 4.1. */
export function createDeliveryStream(kinds: readonly DestinationKind[]): Operation {
  const request = createRequest(kinds)
  return operation({
    name: "CreateDeliveryStream",
    input: request.input,
    async handle(context, input) {
      const stream = request.newStream(input)
      const { name } = stream
      const encryption = input.DeliveryStreamEncryptionConfigurationInput
      // A name that is taken is told as that, whatever the destination and the key.
      if (context.catalog.find(name) === undefined) {
        await requireVerified(context, stream.destination)
        if (encryption !== undefined) {
          await requireUsableKey(context, masterKeyOf(encryption), { name, arn: streamArn(context.identity, name) })
        }
      }
      const outcome = await context.catalog.create(stream)
      return { DeliveryStreamARN: requireCreated(context, input.DeliveryStreamName, outcome) }
    },
  })
}

/** What a create asks for: its input, and the stream that such an input describes. Settings files declare streams with it too. */
export function createRequest(kinds: readonly DestinationKind[]) {
  const destinations = destinationMembers(kinds, "configuration")
  const input = structure("Makes a delivery stream. It is CREATING at first, and takes records once it is ACTIVE.", {
    ...source,
    ...destinations.members,
    Tags: optional(tagList),
  })
  /** @throws ApiError when a rule between members is broken, or something is asked for that is not supported yet */
  const newStream = (given: TypeOf<typeof input>): NewStream => {
    const { kind, view, given: destination } = destinations.theOnly(given)
    refuseOtherSources(given)
    const configuration = requireValid(view.create(destination))
    const encryption = given.DeliveryStreamEncryptionConfigurationInput
    const throughputHintInMBs = given.DirectPutSourceConfiguration?.ThroughputHintInMBs
    return {
      name: given.DeliveryStreamName,
      destination: { id: firstDestinationId, kind: kind.name, configuration },
      tags: mergeTags([], given.Tags ?? []),
      ...(throughputHintInMBs === undefined ? {} : { throughputHintInMBs }),
      ...(encryption === undefined ? {} : { encryption: encryptedWith(masterKeyOf(encryption)) }),
    }
  }
  return { input, newStream }
}

/** The members that say what the stream is, and where its records come from. */
const source = {
  DeliveryStreamName: deliveryStreamName,
  DeliveryStreamType: optional(deliveryStreamType),
  DirectPutSourceConfiguration: optional(directPutSource),
  ...declareUnsupported(unsupportedSources),
  DeliveryStreamEncryptionConfigurationInput: optional(encryptionInput),
}

function refuseOtherSources(input: StructureValue<typeof source>): void {
  const type = input.DeliveryStreamType ?? "DirectPut"
  if ("KinesisStreamSourceConfiguration" in input && type !== "KinesisStreamAsSource") {
    throw invalidArgument("KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type")
  }
  const refused = unsupportedSources.find((name) => name in input)
  if (refused !== undefined) throw notSupported(refused)
  if (type !== "DirectPut") throw notSupported(`DeliveryStreamType ${type}`)
}

function requireCreated({ identity, streamsMax }: Context, name: string, outcome: CreateOutcome): string {
  switch (outcome.kind) {
    case "created":
      return outcome.stream.arn
    case "in-use":
      throw resourceInUse(`Firehose ${name} under accountId ${identity.accountId} already exists`)
    case "limit":
      throw limitExceeded(
        `You have already consumed your firehose quota of ${streamsMax} hoses. ` +
          `Firehose names: [${listed(outcome.streams.map((stream) => stream.name))}]`,
      )
  }
}

/** AWS lists every name; there may be thousands of them, and the first ones show as well what is meant. */
function listed(names: readonly string[]): string {
  const shownMax = 50
  const shown = names.slice(0, shownMax).join(", ")
  return names.length > shownMax ? `${shown}, ...` : shown
}
