/** Request signing: AWS Signature Version 4, as the Firehose API checks it. */
export {
  type Authenticate,
  type AuthenticateOptions,
  type Authentication,
  type Credential,
  createAuthenticate,
  type SignedRequest,
} from "./authenticate.ts"
export { type AuthenticatePost, createQuickAuthenticate, type PlainPost } from "./quick-authenticate.ts"
export type { AuthenticationErrorType } from "./refusal.ts"
