import { structure } from "../../shapes/index.ts"
import { deliveryStreamName } from "../members.ts"
import { operation } from "../operation.ts"
import { requireActive, requireStream } from "../streams.ts"

/** spec/api.md, section 4.7. Encryption is DISABLED on every stream, and stopping it then succeeds. */
export const stopDeliveryStreamEncryption = operation({
  name: "StopDeliveryStreamEncryption",
  input: structure("Stops encrypting the records of a delivery stream while they are kept.", {
    DeliveryStreamName: deliveryStreamName,
  }),
  handle(context, input) {
    requireActive(requireStream(context, input.DeliveryStreamName))
    return {}
  },
})
