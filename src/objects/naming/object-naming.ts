import assert from "node:assert/strict"
import type { Random } from "../../platform/index.ts"
import { knownDatePattern } from "./date-pattern.ts"
import { type ErrorOutputType, evaluateDataPrefix, evaluateErrorPrefix, type PrefixFacts } from "./evaluate-prefix.ts"
import { evaluatedLengthMax, type NamingConfiguration, randomStringLength, readNaming } from "./read-naming.ts"

/** How the objects of a destination are called: spec/s3.md, section 1. */
export interface ObjectNaming {
  /** `<prefix><stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<uuid><extension>`. Draws its random strings anew at each call. */
  dataKey(object: ObjectToName & { readonly extension: string }, random: Random): string
  /**
   * The partition that a record belongs to, by the keys that were taken from it, and by when it arrived: a prefix is evaluated
   * for each record, and records of one partition are those for which it comes out the same (spec/buffering.md, section 4).
   */
  partitionOf(keys: PartitionKeys, arrivalMs: number): PartitionOutcome
  /** As `dataKey`, in a partition. */
  partitionedKey(object: ObjectToName & { readonly extension: string }, partition: Partition, random: Random): string
  /** The same for an object with failed records, which has no extension. */
  errorKey(object: ObjectToName, type: ErrorOutputType, random: Random): string
}

/** Values of partition keys, by name: `!{partitionKeyFromQuery:...}` and `!{partitionKeyFromLambda:...}`. */
export interface PartitionKeys {
  readonly query?: Readonly<Record<string, string>>
  readonly lambda?: Readonly<Record<string, string>>
}

/** An evaluated prefix: texts between which random strings are to be drawn for each object. Most have one. */
export type Partition = readonly string[]

export type PartitionOutcome =
  | { readonly kind: "partition"; readonly partition: Partition }
  /** The record can't be in any: `message` says why. */
  | { readonly kind: "none"; readonly message: string }

export interface ObjectToName {
  readonly streamName: string
  /** Of the stream's configuration, when the object is made. */
  readonly streamVersion: number
  /** When its oldest record arrived: milliseconds since the epoch. */
  readonly instantMs: number
  readonly uuid: string
}

/** The naming that a configuration asks for. One that `checkNaming` refuses is an error of the program. */
export function objectNaming(configuration: NamingConfiguration): ObjectNaming {
  const naming = readNaming(configuration)
  assert(naming.kind === "read", "A configuration of names was stored that is refused")
  const { zone, prefixes } = naming
  const facts = ({ instantMs }: ObjectToName, random: Random): PrefixFacts => ({
    instantMs,
    zone,
    randomString: () => random.uuid().slice(0, randomStringLength),
  })
  const suffix = ({ streamName, streamVersion, instantMs, uuid }: ObjectToName) =>
    `${streamName}-${streamVersion}-${second.format(instantMs, zone)}-${uuid}`
  return {
    dataKey: (object, random) =>
      evaluateDataPrefix(prefixes, facts(object, random)) + suffix(object) + object.extension,
    partitionOf(keys, arrivalMs) {
      let isComplete = true
      const evaluated = evaluateDataPrefix(prefixes, {
        instantMs: arrivalMs,
        zone,
        randomString: () => drawnLater,
        partitionKey(from, key) {
          const values = keys[from] ?? {}
          const value = Object.hasOwn(values, key) ? values[key] : undefined
          if (value === undefined || value === "") isComplete = false
          return value?.replaceAll(drawnLater, "")
        },
      })
      if (!isComplete) return { kind: "none", message: "partitionKeys values must not be null or empty" }
      const partition = evaluated.split(drawnLater)
      const length = evaluated.length + (partition.length - 1) * (randomStringLength - drawnLater.length)
      if (length <= evaluatedLengthMax) return { kind: "partition", partition }
      return { kind: "none", message: `Length of evaluated prefix cannot be greater than ${evaluatedLengthMax}` }
    },
    partitionedKey(object, partition, random) {
      const { randomString } = facts(object, random)
      const [first = "", ...others] = partition
      const prefix = others.reduce((start, text) => start + randomString() + text, first)
      return prefix + suffix(object) + object.extension
    },
    errorKey: (object, type, random) => evaluateErrorPrefix(prefixes, type, facts(object, random)) + suffix(object),
  }
}

/** Stands where a random string is to be drawn. Hardly any key can hold it, and values that do lose it. */
const drawnLater = "\u0000"

const second = knownDatePattern("yyyy-MM-dd-HH-mm-ss")
