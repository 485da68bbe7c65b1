import { boolean, optional, structure } from "../../shapes/index.ts"
import { resourceInUse } from "../errors.ts"
import { deliveryStreamName } from "../members.ts"
import { operation } from "../operation.ts"
import { changeStream } from "../streams.ts"

/** spec/api.md, section 4.2. The stream is gone once what it kept is removed, which is the work of its life cycle. */
export const deleteDeliveryStream = operation({
  name: "DeleteDeliveryStream",
  input: structure("Deletes a delivery stream and the records that it has not delivered.", {
    DeliveryStreamName: deliveryStreamName,
    AllowForceDelete: optional(boolean("Delete even when the grant of the stream's KMS key can't be retired.")),
  }),
  async handle(context, { DeliveryStreamName: name }) {
    await changeStream(context, name, (current) => {
      switch (current.status.kind) {
        case "CREATING":
          throw resourceInUse(`Firehose ${name} is being created: delete it once it is ACTIVE`)
        case "DELETING":
          return current
        default:
          return { ...current, status: { kind: "DELETING" } }
      }
    })
    return {}
  },
})
