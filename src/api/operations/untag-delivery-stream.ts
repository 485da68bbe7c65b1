import { list, structure } from "../../shapes/index.ts"
import { deliveryStreamName, tagKey } from "../members.ts"
import { operation } from "../operation.ts"
import { changeStream, requireActive } from "../streams.ts"

/** spec/api.md, section 4.6. */
export const untagDeliveryStream = operation({
  name: "UntagDeliveryStream",
  input: structure("Removes tags from a delivery stream. Keys that it does not have are ignored.", {
    DeliveryStreamName: deliveryStreamName,
    TagKeys: list("Keys of the tags to remove.", tagKey, { countMin: 1, countMax: 50 }),
  }),
  async handle(context, { DeliveryStreamName: name, TagKeys: keys }) {
    await changeStream(context, name, (current) => {
      requireActive(current)
      return { ...current, tags: current.tags.filter((tag) => !keys.includes(tag.key)) }
    })
    return {}
  },
})
