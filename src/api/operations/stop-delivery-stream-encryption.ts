import { structure } from "../../shapes/index.ts"
import { disabling } from "../../streams/index.ts"
import { requireChangeable } from "../encryption.ts"
import { deliveryStreamName } from "../members.ts"
import { operation } from "../operation.ts"
import { changeStream, requireActive } from "../streams.ts"

/** spec/api.md, section 4.7. Of a stream that is not encrypted it succeeds, and changes nothing. */
export const stopDeliveryStreamEncryption = operation({
  name: "StopDeliveryStreamEncryption",
  input: structure("Stops encrypting the records of a delivery stream while they are kept.", {
    DeliveryStreamName: deliveryStreamName,
  }),
  async handle(context, input) {
    await changeStream(context, input.DeliveryStreamName, (current) => {
      requireActive(current)
      if (current.encryption.state.status === "DISABLED") return current
      const nowMs = context.clock.now()
      requireChangeable(current, nowMs)
      return { ...current, encryption: disabling(current.encryption, nowMs) }
    })
    return {}
  },
})
