/** Functions behind HTTP URLs. */
export { HttpFunction, type HttpFunctionOptions } from "./http-function.ts"
