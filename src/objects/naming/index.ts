/** How objects are called: prefixes with expressions, and the name after them. */
export type { ErrorOutputType } from "./evaluate-prefix.ts"
export { type ObjectNaming, objectNaming, type Partition, type PartitionKeys } from "./object-naming.ts"
export { checkNaming, queryKeysOf } from "./read-naming.ts"
