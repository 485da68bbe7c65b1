import type { Shape } from "./shape.ts"

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [name: string]: Json
}

/** Any JSON object, kept as it is: who stores it for another reads it with that one's shape later. */
export function jsonObject(doc: string): Shape<JsonObject> {
  return {
    kind: "structure",
    doc,
    sensitive: false,
    read(value, path, problems) {
      return isJsonObject(value) ? value : problems.type(path, "Expected null")
    },
  }
}

/** Holds for what JSON.parse answered: it makes nothing that is not JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
