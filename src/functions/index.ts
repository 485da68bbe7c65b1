/** Runs functions by their ARNs. */
export type { Functions, Invocation } from "./functions.ts"
