/** The exceptions of request signing: spec/api.md, section 2. */
export type AuthenticationErrorType =
  | "MissingAuthenticationTokenException"
  | "IncompleteSignatureException"
  | "InvalidSignatureException"
  | "UnrecognizedClientException"
  | "ExpiredTokenException"

/** Why a request is not accepted, in the words that the client gets. */
export interface Refusal {
  readonly kind: "refused"
  readonly type: AuthenticationErrorType
  readonly message: string
}

export function refused(type: AuthenticationErrorType, message: string): Refusal {
  return { kind: "refused", type, message }
}
