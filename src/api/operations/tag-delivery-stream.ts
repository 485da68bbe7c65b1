import { structure } from "../../shapes/index.ts"
import { limitExceeded } from "../errors.ts"
import { deliveryStreamName, tagList } from "../members.ts"
import { operation } from "../operation.ts"
import { changeStream, requireActive } from "../streams.ts"
import { mergeTags, tagsMax } from "../tags.ts"

/** spec/api.md, section 4.6. */
export const tagDeliveryStream = operation({
  name: "TagDeliveryStream",
  input: structure("Adds tags to a delivery stream, or gives them other values.", {
    DeliveryStreamName: deliveryStreamName,
    Tags: tagList,
  }),
  async handle(context, { DeliveryStreamName: name, Tags: given }) {
    await changeStream(context, name, (current) => {
      requireActive(current)
      const tags = mergeTags(current.tags, given)
      if (tags.length > tagsMax) {
        throw limitExceeded(
          `Firehose ${name} would have ${tags.length} tags, and at most ${tagsMax} are allowed: remove some first`,
        )
      }
      return { ...current, tags }
    })
    return {}
  },
})
