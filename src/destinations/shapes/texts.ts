import { string } from "../../shapes/index.ts"

/** The model's NonEmptyString. */
export const nonBlank = string("A text that is not blank.", {
  lengthMin: 1,
  lengthMax: 1024,
  pattern: "^(?!\\s*$).+",
})

/** The model's NonEmptyStringWithoutWhitespace. */
export const word = string("A text without white space.", { lengthMin: 1, lengthMax: 1024, pattern: "^\\S+$" })
