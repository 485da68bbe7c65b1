import { integer, optional, structure } from "../../shapes/index.ts"

/** How long delivery is tried again: spec/config-shapes.md, section 4. Every destination has the same range. */
export const retryOptions = structure("How long delivery is tried again after the first attempt.", {
  DurationInSeconds: optional(integer("0 means not at all.", { min: 0, max: 7200 })),
})
