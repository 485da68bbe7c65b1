import { type Moment, readEpoch, readIsoOrPlainMoment } from "./moments.ts"
import { doesNotMatch, noObject, notInFormat, shortened } from "./problems.ts"
import type { Deserializer } from "./row-reader.ts"
import type { Found, Rules } from "./value-reader.ts"

/**
 * OpenXJsonSerDe (spec/format-conversion.md, section 3). Mappings of names, as all of its options, apply to fields of structs as to
 * columns.
 */
export function openxRules({
  caseInsensitive,
  convertDotsInJsonKeysToUnderscores,
  columnToJsonKeyMappings,
}: Extract<Deserializer, { kind: "openx" }>): Rules {
  // Names of columns have no case in Hive.
  const keys = new Map(Object.entries(columnToJsonKeyMappings).map(([column, key]) => [column.toLowerCase(), key]))
  return {
    names: {
      caseInsensitive,
      dotsToUnderscores: convertDotsInJsonKeysToUnderscores,
      keyOf: (column) => keys.get(column.toLowerCase()) ?? column,
    },
    lowerCasesNames: caseInsensitive,
    isLenient: true,
    readMoment,
    mismatch(wanted, found) {
      if (wanted === "map") return noObject
      if (wanted !== "struct") return notInFormat(found.text)
      return doesNotMatch(`Data is not JSONObject  but ${javaClass(found)} with value ${shortened(found.text)}`)
    },
  }
}

/** One function for all readers: code that was optimized for another one is thrown away. */
function readMoment(text: Uint8Array, start: number, end: number, moment: Moment): boolean {
  return readIsoOrPlainMoment(text, start, end, moment) || readEpoch(text, start, end, moment)
}

/** The class of a scalar in the words of its exception. */
function javaClass({ kind, text }: Found): string {
  if (kind === "string") return "java.lang.String"
  if (kind !== "number") return "java.lang.Boolean"
  return /^-?\d+$/.test(text) ? "java.lang.Long" : "java.lang.Double"
}
