/** Runs functions by their ARNs. */
export { createFunctions, type FunctionsOptions } from "./create-functions.ts"
export { qualifiedArn, readFunctionArn } from "./function-arn.ts"
export { type FailedInvocation, type Functions, type Invocation, requestBytesMax } from "./functions.ts"
