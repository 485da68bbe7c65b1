import { type JsonObject, readShape, type Shape } from "../../shapes/index.ts"

/** Reads what the program itself stored earlier. Throws when it can't have: the store is damaged, or a newer one's. */
export function readStored<T>(shape: Shape<T>, stored: JsonObject): T {
  const outcome = readShape(shape, stored)
  if (outcome.kind === "read") return outcome.value
  const reasons = outcome.problems.map(({ path, message }) => `${path}: ${message}`)
  throw new Error(`Cannot read a stored configuration: ${reasons.join("; ")}`)
}
