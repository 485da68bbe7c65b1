/** How objects are called: prefixes with expressions, and the name after them. */
export { type ErrorOutputType, errorOutputTypes } from "./evaluate-prefix.ts"
export {
  type ObjectNaming,
  type ObjectToName,
  objectNaming,
  type Partition,
  type PartitionKeys,
  type PartitionOutcome,
} from "./object-naming.ts"
export { checkNaming, queryKeysOf } from "./read-naming.ts"
