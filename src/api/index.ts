/** The Firehose API: the AWS JSON 1.1 protocol and its operations. */

export { type DeclarationParts, declareStreams } from "./declared-streams.ts"
export { type ApiParts, createApi } from "./protocol.ts"
export { createAuthenticate } from "./signing/index.ts"
