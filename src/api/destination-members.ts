/**
 * The members of CreateDeliveryStream and UpdateDestination that configure a destination: one for each view of each kind
 * in the table of destinations, and those that are not supported yet.
 */
import type { Configured, DestinationKind, DestinationView } from "../destinations/index.ts"
import { type JsonObject, type OptionalMember, optional } from "../shapes/index.ts"
import type { StoredDestination } from "../streams/index.ts"
import { invalidArgument } from "./errors.ts"
import type { Context } from "./operation.ts"
import { declareUnsupported, notSupported, unsupportedDestinations } from "./unsupported.ts"

/** The destination that a request gives, in one of its kind's views. */
export interface GivenDestination {
  readonly kind: DestinationKind
  readonly view: DestinationView
  readonly given: object
}

export interface DestinationMembers {
  /** To be spread into the input's members. */
  readonly members: Readonly<Record<string, OptionalMember<object>>>
  /**
   * The one destination that an input gives.
   * @throws ApiError when there is none, or more than one, or it is of a kind that is not supported yet
   */
  theOnly(input: object): GivenDestination
}

export function destinationMembers(
  kinds: readonly DestinationKind[],
  side: "configuration" | "update",
): DestinationMembers {
  const known = new Map(
    kinds.flatMap((kind) => kind.views.map((view) => [view[`${side}Member`], { kind, view }] as const)),
  )
  const members = {
    ...declareUnsupported(unsupportedDestinations[side]),
    ...Object.fromEntries([...known].map(([name, { view }]) => [name, optional(view[side])])),
  }
  return {
    members,
    theOnly(input) {
      const entries: readonly [string, object][] = Object.entries(input)
      const [first, ...others] = entries.filter(([name]) => Object.hasOwn(members, name))
      if (first === undefined || others.length > 0) {
        throw invalidArgument("Exactly one destination configuration is supported for a Firehose")
      }
      const [name, given] = first
      const found = known.get(name)
      if (found === undefined) throw notSupported(name)
      return { ...found, given }
    },
  }
}

/**
 * What a destination made of a configuration, to be stored.
 * @throws ApiError when it broke one of the rules between members
 */
export function requireValid(configured: Configured): JsonObject {
  if (configured.kind === "invalid") throw invalidArgument(configured.message)
  return configured.stored
}

/**
 * Looks whether what a destination names is there.
 * @throws ApiError when it is not
 */
export async function requireVerified(
  { destinations, tables }: Context,
  { kind, configuration }: StoredDestination,
): Promise<void> {
  const found = destinations.find(({ name }) => name === kind)
  const message = await found?.verify?.(configuration, { tables })
  if (message !== undefined) throw invalidArgument(message)
}
