/**
 * What the service model has and this version of Hydrant does not act on. Nothing is accepted and then ignored: a
 * request that gives one of these members is refused by name. A member leaves this table in the change that makes it real.
 */
import { type OptionalMember, optional, structure } from "../shapes/index.ts"
import { type ApiError, invalidArgument } from "./errors.ts"

const destinations = [
  "Redshift",
  "Elasticsearch",
  "Amazonopensearchservice",
  "AmazonOpenSearchServerless",
  "Splunk",
  "HttpEndpoint",
  "Snowflake",
  "Iceberg",
]

/** Of CreateDeliveryStream and UpdateDestination, by the side of a destination that they configure. */
export const unsupportedDestinations = {
  configuration: destinations.map((name) => `${name}DestinationConfiguration`),
  update: destinations.map((name) => `${name}DestinationUpdate`),
}

/** Of CreateDeliveryStream: where other records than those that are put would come from. */
export const unsupportedSources = [
  "KinesisStreamSourceConfiguration",
  "MSKSourceConfiguration",
  "DatabaseSourceConfiguration",
]

/** Declares members only far enough to see that they were given. */
export function declareUnsupported(names: readonly string[]): Readonly<Record<string, OptionalMember<object>>> {
  const refused = optional(structure("Not supported by this version of Hydrant: refused.", {}))
  return Object.fromEntries(names.map((name) => [name, refused]))
}

/** `what` is a member's name, or what a value stands for. */
export function notSupported(what: string): ApiError {
  return invalidArgument(`${what} is not supported by this version of Hydrant`)
}
