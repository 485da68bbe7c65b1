/** The Lambda processor: a function that answers what becomes of each record. */
export { lambda } from "./lambda.ts"
