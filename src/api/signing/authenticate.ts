/** A request as it came in: what a signature covers. */
export interface SignedRequest {
  readonly method: string
  /** Path and query, as in the request line. */
  readonly url: string
  /** Name, value, name, value, ... as received, in order. */
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
}

export type Authentication =
  /** `accessKeyId` is undefined when no credentials are configured, and so any request passes. */
  | { readonly kind: "accepted"; readonly accessKeyId: string | undefined }
  /** The error to answer, HTTP 400: spec/api.md, section 2. */
  | { readonly kind: "refused"; readonly type: AuthenticationErrorType; readonly message: string }

export type AuthenticationErrorType =
  | "MissingAuthenticationTokenException"
  | "IncompleteSignatureException"
  | "InvalidSignatureException"
  | "UnrecognizedClientException"
  | "ExpiredTokenException"

/** Decides who sent a request. Never throws for anything that a request can hold. */
export type Authenticate = (request: SignedRequest) => Authentication
