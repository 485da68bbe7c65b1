/** Functions that are modules on this machine, each in processes of its own. */
export { LocalFunction, type LocalFunctionOptions } from "./local-function.ts"
