import { integer, optional, structure } from "../../shapes/index.ts"
import type { Tag } from "../../streams/index.ts"
import { deliveryStreamName, tagKey } from "../members.ts"
import { operation } from "../operation.ts"
import { requireStream } from "../streams.ts"
import { tagsMax } from "../tags.ts"

/** spec/api.md, section 4.6. Without a limit it lists every tag: Terraform calls once and does not page. */
export const listTagsForDeliveryStream = operation({
  name: "ListTagsForDeliveryStream",
  input: structure("Lists the tags of a delivery stream in whatever status, in the order of their keys.", {
    DeliveryStreamName: deliveryStreamName,
    ExclusiveStartTagKey: optional(tagKey),
    Limit: optional(integer("Tags to tell at most: all when it is not given.", { min: 1, max: tagsMax })),
  }),
  handle(context, { DeliveryStreamName: name, ExclusiveStartTagKey: start = "", Limit: limit = tagsMax }) {
    const tags = requireStream(context, name).tags.filter((tag) => tag.key > start)
    return { HasMoreTags: tags.length > limit, Tags: tags.slice(0, limit).map(describeTag) }
  },
})

function describeTag({ key, value }: Tag) {
  return value === undefined ? { Key: key } : { Key: key, Value: value }
}
