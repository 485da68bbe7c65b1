import assert from "node:assert/strict"
import type { Random } from "../../platform/index.ts"
import { knownDatePattern } from "./date-pattern.ts"
import { type ErrorOutputType, evaluateDataPrefix, evaluateErrorPrefix, type PrefixFacts } from "./evaluate-prefix.ts"
import { type NamingConfiguration, randomStringLength, readNaming } from "./read-naming.ts"

/** How the objects of a destination are called: spec/s3.md, section 1. */
export interface ObjectNaming {
  /** `<prefix><stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<uuid><extension>`. Draws its random strings anew at each call. */
  dataKey(object: ObjectToName & { readonly extension: string }, random: Random): string
  /** The same for an object with failed records, which has no extension. */
  errorKey(object: ObjectToName, type: ErrorOutputType, random: Random): string
}

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
    errorKey: (object, type, random) => evaluateErrorPrefix(prefixes, type, facts(object, random)) + suffix(object),
  }
}

const second = knownDatePattern("yyyy-MM-dd-HH-mm-ss")
