import { optional, structure } from "../../shapes/index.ts"
import { deliveryStreamName, encryptionInput } from "../members.ts"
import { operation } from "../operation.ts"
import { requireActive, requireStream } from "../streams.ts"
import { notSupported } from "../unsupported.ts"

/** spec/api.md, section 4.7. Refused until records are really encrypted: a stream must not claim what it does not do. */
export const startDeliveryStreamEncryption = operation({
  name: "StartDeliveryStreamEncryption",
  input: structure("Encrypts the records of a delivery stream while they are kept.", {
    DeliveryStreamName: deliveryStreamName,
    DeliveryStreamEncryptionConfigurationInput: optional(encryptionInput),
  }),
  handle(context, input) {
    requireActive(requireStream(context, input.DeliveryStreamName))
    throw notSupported("Server-side encryption")
  },
})
