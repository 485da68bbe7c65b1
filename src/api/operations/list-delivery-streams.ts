import { integer, optional, structure } from "../../shapes/index.ts"
import { deliveryStreamName, deliveryStreamType } from "../members.ts"
import { operation } from "../operation.ts"

/** spec/api.md, section 4.4. */
export const listDeliveryStreams = operation({
  name: "ListDeliveryStreams",
  latency: "ListDeliveryStreams.Latency",
  input: structure("Lists the names of delivery streams in whatever status, in order.", {
    Limit: optional(integer("Names to tell at most: 10 when it is not given.", { min: 1, max: 10_000 })),
    DeliveryStreamType: optional(deliveryStreamType),
    ExclusiveStartDeliveryStreamName: optional(deliveryStreamName),
  }),
  handle({ catalog }, { Limit: limit = 10, DeliveryStreamType: type, ExclusiveStartDeliveryStreamName: start = "" }) {
    const names = catalog
      .list()
      .filter((stream) => stream.name > start && (type === undefined || stream.type === type))
      .map((stream) => stream.name)
    return { DeliveryStreamNames: names.slice(0, limit), HasMoreDeliveryStreams: names.length > limit }
  },
})
