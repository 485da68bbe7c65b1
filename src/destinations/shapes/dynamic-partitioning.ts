import { boolean, optional, structure, type TypeOf } from "../../shapes/index.ts"
import { retryOptions } from "./retry-options.ts"

/** Objects by keys that are taken from the records: spec/config-shapes.md, section 4. */
export const dynamicPartitioningConfiguration = structure("Objects by keys that are taken from the records.", {
  RetryOptions: optional(retryOptions),
  Enabled: optional(boolean("False when absent.")),
})

type DynamicPartitioningConfiguration = TypeOf<typeof dynamicPartitioningConfiguration>

const retrySeconds = 300

export function isPartitioned(configuration: DynamicPartitioningConfiguration | undefined): boolean {
  return configuration?.Enabled === true
}

/** As it is described: spec/config-shapes.md, section 3.1. */
export function withPartitioningDefaults(
  configuration: DynamicPartitioningConfiguration,
): DynamicPartitioningConfiguration {
  if (!isPartitioned(configuration)) return configuration
  return { ...configuration, RetryOptions: { DurationInSeconds: retrySeconds, ...configuration.RetryOptions } }
}
