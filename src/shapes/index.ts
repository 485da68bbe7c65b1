/**
 * The small language that describes outside data: requests, configurations, settings. One declaration gives the type,
 * the limits, AWS's messages and the documentation.
 */
export { type BlobShape, blob, decodeBase64 } from "./blob.ts"
export {
  type ListShape,
  list,
  type MapShape,
  map,
  type StructureShape,
  type StructureValue,
  structure,
} from "./compound.ts"
export { type Json, type JsonObject, jsonObject } from "./json.ts"
export { type Problem, validationMessage } from "./problems.ts"
export { readShape } from "./read.ts"
export {
  boolean,
  double,
  type EnumerationShape,
  enumeration,
  integer,
  type NumberShape,
  type StringShape,
  string,
  timestamp,
} from "./scalars.ts"
export { type OptionalMember, optional, type Shape, sensitive, type TypeOf } from "./shape.ts"
export { unknownMembers } from "./unknown-members.ts"
