/** How objects are called: prefixes with expressions, and the name after them. */
export { objectNaming } from "./object-naming.ts"
export { checkNaming } from "./read-naming.ts"
