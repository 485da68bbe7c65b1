/** The Firehose API: the AWS JSON 1.1 protocol and its operations. */

export { ByteBudget } from "./byte-budget.ts"
export { type DeclarationParts, declareStreams } from "./declared-streams.ts"
export { forwardingOperations, type Perform, type Performed } from "./forwarding.ts"
export { operationsFor } from "./operations/index.ts"
export { type Api, type ApiParts, createApi } from "./protocol.ts"
export { readDefinition } from "./read-definition.ts"
export { createAuthenticate, createQuickAuthenticate } from "./signing/index.ts"
