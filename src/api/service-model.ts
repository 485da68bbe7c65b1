/** For tests: the service model of Firehose, reduced to what can be held against our shapes. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import path from "node:path"
import {
  boolean,
  double,
  enumeration,
  list,
  map,
  optional,
  readShape,
  string,
  structure,
  type TypeOf,
} from "../shapes/index.ts"

const name = string("Of a shape, an operation or a member.")

const modelShape = structure("One shape.", {
  type: enumeration("Its kind.", [
    "string",
    "integer",
    "double",
    "boolean",
    "blob",
    "timestamp",
    "list",
    "map",
    "structure",
  ]),
  min: optional(double("Characters, bytes, items or value.")),
  max: optional(double("Characters, bytes, items or value.")),
  pattern: optional(string("Of the whole text.")),
  enum: optional(list("Of a text.", name)),
  sensitive: optional(boolean("To be kept out of messages.")),
  members: optional(
    map(
      "Of a structure.",
      name,
      structure("One member.", { shape: name, required: optional(boolean("Must be given.")) }),
    ),
  ),
  member: optional(name),
  key: optional(name),
  value: optional(name),
})

export type ModelShape = TypeOf<typeof modelShape>

const serviceModel = structure("The model.", {
  operations: map("By name.", name, structure("One operation.", { input: name })),
  errors: map("By type.", name, structure("One error.", { httpStatus: double("HTTP status.") })),
  commonErrors: map("By type.", name, double("HTTP status.")),
  shapes: map("By name.", name, modelShape),
})

/** Reads test/fixtures/firehose-model.json, which lies as far from the compiled file in any output folder. */
export function readServiceModel(): TypeOf<typeof serviceModel> {
  const file = path.join(import.meta.dirname, "..", "..", "..", "test", "fixtures", "firehose-model.json")
  const outcome = readShape(serviceModel, JSON.parse(readFileSync(file, "utf8")))
  assert.ok(outcome.kind === "read", JSON.stringify(outcome))
  return outcome.value
}
