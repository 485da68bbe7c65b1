import { doesNotMatch, malformedData, notInFormat } from "./problems.ts"
import type { Deserializer } from "./row-reader.ts"
import { timestampFormats } from "./timestamp-formats.ts"
import type { Found, Rules, Wanted } from "./value-reader.ts"

/** HiveJsonSerDe (spec/format-conversion.md, section 3; the texts were measured, section 6). */
export function hiveRules({ timestampFormats: formats }: Extract<Deserializer, { kind: "hive" }>): Rules {
  return {
    names: { caseInsensitive: true, dotsToUnderscores: false, keyOf: (column) => column },
    lowerCasesNames: false,
    isLenient: false,
    readMoment: timestampFormats(formats),
    mismatch,
  }
}

function mismatch(wanted: Wanted, found: Found) {
  switch (wanted) {
    case "number":
      return doesNotMatch(`Current token (${jacksonToken(found)}) not numeric, can not use numeric value accessors`)
    case "array":
      return doesNotMatch("java.io.IOException: Start of Array expected")
    case "map":
    case "struct":
      return doesNotMatch("java.io.IOException: Start of Object expected")
    case "boolean":
    case "text":
      return found.kind === "array" || found.kind === "object"
        ? malformedData("One or more fields have incorrect format. Exception when validating field (root)")
        : notInFormat(found.text)
  }
}

/** The token in the words of the parser that Hive uses. */
function jacksonToken({ kind, text }: Found): string {
  switch (kind) {
    case "string":
      return "VALUE_STRING"
    case "true":
      return "VALUE_TRUE"
    case "false":
      return "VALUE_FALSE"
    case "array":
      return "START_ARRAY"
    case "object":
      return "START_OBJECT"
    case "number":
      return /^-?\d+$/.test(text) ? "VALUE_NUMBER_INT" : "VALUE_NUMBER_FLOAT"
  }
}
