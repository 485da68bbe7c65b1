/** Functions that Lambda runs, or a service that speaks its protocol. */
export { openLambdaApi } from "./open-lambda-api.ts"
