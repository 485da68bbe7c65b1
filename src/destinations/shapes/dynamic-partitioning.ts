import { boolean, optional, structure } from "../../shapes/index.ts"
import { retryOptions } from "./retry-options.ts"

/** Objects by keys that are taken from the records: spec/config-shapes.md, section 4. */
export const dynamicPartitioningConfiguration = structure("Objects by keys that are taken from the records.", {
  RetryOptions: optional(retryOptions),
  Enabled: optional(boolean("False when absent.")),
})
