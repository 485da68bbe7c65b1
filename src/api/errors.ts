/**
 * The errors that the API answers with: spec/api.md, sections 1.3 to 1.6 and 5. Each is made by a function here, so that
 * the texts and the types stand in one place.
 */
import { type Problem, validationMessage } from "../shapes/index.ts"

/** Every type that is answered, with its HTTP status. The test holds it against the service model. */
export const statuses = {
  ConcurrentModificationException: 400,
  InvalidArgumentException: 400,
  InvalidKMSResourceException: 400,
  InvalidSourceException: 400,
  LimitExceededException: 400,
  ResourceInUseException: 400,
  ResourceNotFoundException: 400,
  // 5xx, because SDKs retry it for its status: its name is in no SDK's retry list.
  ServiceUnavailableException: 503,
  ThrottlingException: 400,
  ValidationException: 400,
  SerializationException: 400,
  UnknownOperationException: 400,
  MissingAuthenticationTokenException: 400,
  IncompleteSignatureException: 400,
  InvalidSignatureException: 400,
  UnrecognizedClientException: 400,
  ExpiredTokenException: 400,
  InternalFailure: 500,
} as const

export type ErrorType = keyof typeof statuses

/** What an operation throws to refuse. Anything else that is thrown is answered as InternalFailure. */
export class ApiError extends Error {
  readonly type: ErrorType
  /** Of InvalidKMSResourceException and InvalidSourceException only: the reason behind it, in one word. */
  readonly code: string | undefined

  /** An empty `message` is left out of the answer. */
  constructor(type: ErrorType, message: string, code?: string) {
    super(message)
    this.name = "ApiError"
    this.type = type
    this.code = code
  }

  get status(): number {
    return statuses[this.type]
  }

  /** The body of the answer: flat and short, since some clients read it with a small tokenizer (spec/clients.md, section 7). */
  get body(): string {
    const text = this.message === "" ? undefined : this.message
    return this.type === "SerializationException"
      ? JSON.stringify({ __type: this.type, Message: text })
      : JSON.stringify({ __type: this.type, code: this.code, message: text })
  }
}

export function concurrentModification(name: string, versions: { current: string; given: string }): ApiError {
  return new ApiError(
    "ConcurrentModificationException",
    `Cannot update firehose: ${name} since the current version id: ${versions.current} ` +
      `and specified version id: ${versions.given} do not match`,
  )
}

/** A rule that needs two members, or state. */
export function invalidArgument(message: string): ApiError {
  return new ApiError("InvalidArgumentException", message)
}

/** A KMS key that cannot be used. `code` names KMS's own exception. */
export function invalidKmsResource(code: string, message: string): ApiError {
  return new ApiError("InvalidKMSResourceException", message, code)
}

/** A put by a caller that the stream's configuration does not allow. */
export function invalidSource(code: string, message: string): ApiError {
  return new ApiError("InvalidSourceException", message, code)
}

export function limitExceeded(message: string): ApiError {
  return new ApiError("LimitExceededException", message)
}

export function resourceInUse(message: string): ApiError {
  return new ApiError("ResourceInUseException", message)
}

export function resourceNotFound(name: string, accountId: string): ApiError {
  return new ApiError("ResourceNotFoundException", `Firehose ${name} under account ${accountId} not found.`)
}

/** Nothing was stored, and the same call may work later. */
export function serviceUnavailable(): ApiError {
  return new ApiError("ServiceUnavailableException", "Slow down.")
}

/** More calls of an operation than its rate. Every SDK repeats it after a pause. */
export function rateExceeded(): ApiError {
  return new ApiError("ThrottlingException", "Rate exceeded")
}

/**
 * What is wrong with a request's members. A wrong JSON type makes the rest meaningless, so the first one is told alone;
 * broken limits are told together.
 */
export function malformedInput(problems: readonly Problem[]): ApiError {
  const wrongType = problems.find((problem) => problem.kind === "type")
  return wrongType === undefined
    ? new ApiError("ValidationException", validationMessage(problems))
    : new ApiError("SerializationException", wrongType.message)
}

/** The body is not a JSON object. */
export function notJson(): ApiError {
  return new ApiError("SerializationException", "")
}

/** The target names no operation. Its body has exactly 38 bytes. */
export function unknownOperation(): ApiError {
  return new ApiError("UnknownOperationException", "")
}

/** Something that should not have happened. What it was is for the log, never for the client. */
export function internalFailure(): ApiError {
  return new ApiError(
    "InternalFailure",
    "The request processing has failed because of an unknown error, exception or failure.",
  )
}
