import type { DestinationKind } from "../../destinations/index.ts"
import { optional, structure, type TypeOf } from "../../shapes/index.ts"
import type { CreateOutcome } from "../../streams/index.ts"
import { destinationMembers, requireValid } from "../destination-members.ts"
import { invalidArgument, limitExceeded, resourceInUse } from "../errors.ts"
import { deliveryStreamName, deliveryStreamType, directPutSource, encryptionInput, tagList } from "../members.ts"
import { type Context, type Operation, operation } from "../operation.ts"
import { mergeTags } from "../tags.ts"
import { declareUnsupported, notSupported, unsupportedSources } from "../unsupported.ts"

/** A stream has one destination, and it keeps its id through every update. */
const firstDestinationId = "destinationId-000000000001"

/** spec/api.md, section 4.1. */
export function createDeliveryStream(kinds: readonly DestinationKind[]): Operation {
  const destinations = destinationMembers(kinds, "configuration")
  return operation({
    name: "CreateDeliveryStream",
    input: structure("Makes a delivery stream. It is CREATING at first, and takes records once it is ACTIVE.", {
      ...source,
      ...destinations.members,
      Tags: optional(tagList),
    }),
    async handle(context, input) {
      const { kind, view, given } = destinations.theOnly(input)
      refuseOtherSources(input)
      const configuration = requireValid(view.create(given))
      const throughputHintInMBs = input.DirectPutSourceConfiguration?.ThroughputHintInMBs
      const outcome = await context.catalog.create({
        name: input.DeliveryStreamName,
        destination: { id: firstDestinationId, kind: kind.name, configuration },
        tags: mergeTags([], input.Tags ?? []),
        ...(throughputHintInMBs === undefined ? {} : { throughputHintInMBs }),
      })
      return { DeliveryStreamARN: requireCreated(context, input.DeliveryStreamName, outcome) }
    },
  })
}

/** The members that say what the stream is, and where its records come from. */
const source = {
  DeliveryStreamName: deliveryStreamName,
  DeliveryStreamType: optional(deliveryStreamType),
  DirectPutSourceConfiguration: optional(directPutSource),
  ...declareUnsupported(unsupportedSources),
  DeliveryStreamEncryptionConfigurationInput: optional(encryptionInput),
}

function refuseOtherSources(input: TypeOf<ReturnType<typeof structure<typeof source>>>): void {
  const type = input.DeliveryStreamType ?? "DirectPut"
  if ("KinesisStreamSourceConfiguration" in input && type !== "KinesisStreamAsSource") {
    throw invalidArgument("KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type")
  }
  const refused = unsupportedSources.find((name) => name in input)
  if (refused !== undefined) throw notSupported(refused)
  if (type !== "DirectPut") throw notSupported(`DeliveryStreamType ${type}`)
  if (input.DeliveryStreamEncryptionConfigurationInput !== undefined) {
    throw notSupported("DeliveryStreamEncryptionConfigurationInput")
  }
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
