import { optional, structure } from "../../shapes/index.ts"
import { enabling, type MasterKey } from "../../streams/index.ts"
import { masterKeyOf, requireChangeable, requireUsableKey } from "../encryption.ts"
import { deliveryStreamName, encryptionInput } from "../members.ts"
import { operation } from "../operation.ts"
import { changeStream, requireStream } from "../streams.ts"

/**
 * spec/api.md, section 4.7. On a stream that is encrypted already it changes the key: with the same master key, the data
 * key that it wraps.
 */
export const startDeliveryStreamEncryption = operation({
  name: "StartDeliveryStreamEncryption",
  input: structure("Encrypts the records of a delivery stream while they are kept.", {
    DeliveryStreamName: deliveryStreamName,
    DeliveryStreamEncryptionConfigurationInput: optional(encryptionInput),
  }),
  async handle(context, input) {
    const stream = requireStream(context, input.DeliveryStreamName)
    const given = input.DeliveryStreamEncryptionConfigurationInput
    const key: MasterKey = given === undefined ? { type: "AWS_OWNED_CMK" } : masterKeyOf(given)
    requireChangeable(stream, context.clock.now())
    await requireUsableKey(context, key, stream)
    await changeStream(context, stream.name, (current) => {
      const nowMs = context.clock.now()
      // Others may have changed it while the key was tried.
      requireChangeable(current, nowMs)
      return { ...current, encryption: enabling(current.encryption, key, nowMs) }
    })
    return {}
  },
})
