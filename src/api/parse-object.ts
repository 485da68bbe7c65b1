import { isUtf8 } from "node:buffer"
import type { JsonObject } from "../shapes/index.ts"

/** The JSON object that a body holds; undefined when it is anything else. Of two members with one name the last counts. */
export function parseObject(body: Buffer): JsonObject | undefined {
  // Decoding would put U+FFFD in place of what is not UTF-8, and take as a name or a tag what nobody sent.
  if (!isUtf8(body)) return undefined
  let value: unknown
  try {
    value = JSON.parse(body.toString("utf8"))
  } catch {
    // The only thing that JSON.parse can throw for a string is that it is not JSON.
    return undefined
  }
  return isObject(value) ? value : undefined
}

/** JSON.parse makes nothing but JSON: an object of it is a JsonObject. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
