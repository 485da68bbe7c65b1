/** How objects are called: prefixes with expressions, and the name after them. */
export { type ErrorOutputType, errorOutputTypes } from "./evaluate-prefix.ts"
export { type ObjectNaming, type ObjectToName, objectNaming } from "./object-naming.ts"
export { checkNaming, type NamingConfiguration } from "./read-naming.ts"
