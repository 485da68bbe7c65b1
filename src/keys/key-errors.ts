/** Why a data key can't be had from its master key, in the words of each of those who are told. */
import { KeyUnavailableError } from "../log/index.ts"
import type { CounterName } from "../observe/index.ts"
import type { Failure } from "../streams/index.ts"

/** What KMS may say of a key: spec/api.md, section 4.7. The server's key file says it in the same words. */
export type KeyRefusal = "access-denied" | "disabled" | "invalid-state" | "not-found"

interface RefusalNames {
  /** `code` of InvalidKMSResourceException. */
  readonly exception: string
  /** spec/observability.md, section 1. */
  readonly metric: CounterName
  /** FailureDescription.Type: spec/config-shapes.md, section 5. */
  readonly failureType: string
  /** Of the delivery error log: spec/observability.md, section 3. */
  readonly errorCode: string
}

const names: Readonly<Record<KeyRefusal, RefusalNames>> = {
  "access-denied": {
    exception: "AccessDeniedException",
    metric: "KMSKeyAccessDenied",
    failureType: "KMS_ACCESS_DENIED",
    errorCode: "Firehose.KMS.AccessDeniedException",
  },
  disabled: {
    exception: "DisabledException",
    metric: "KMSKeyDisabled",
    failureType: "DISABLED_KMS_KEY",
    errorCode: "Firehose.KMS.KeyDisabled",
  },
  "invalid-state": {
    exception: "InvalidStateException",
    metric: "KMSKeyInvalidState",
    failureType: "INVALID_KMS_KEY",
    errorCode: "Firehose.KMS.InvalidStateException",
  },
  "not-found": {
    exception: "NotFoundException",
    metric: "KMSKeyNotFound",
    failureType: "KMS_KEY_NOT_FOUND",
    errorCode: "Firehose.KMS.NotFoundException",
  },
}

/** A master key that must not, or can't, be used. It stays so until somebody changes it. */
export class KeyRefusedError extends KeyUnavailableError {
  readonly names: RefusalNames

  constructor(refusal: KeyRefusal, message: string, options?: ErrorOptions) {
    super(message, { ...options, code: names[refusal].errorCode })
    this.name = "KeyRefusedError"
    this.names = names[refusal]
  }
}

/** Nobody could be asked: nothing is known of the key, and asking again may help. */
export class KeyUnreachableError extends KeyUnavailableError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = "KeyUnreachableError"
  }
}

export type KeyError = KeyRefusedError | KeyUnreachableError

/** An error of whatever keeps master keys. One that says nothing of the key counts as no answer. */
export function asKeyError(error: unknown): KeyError {
  if (error instanceof KeyRefusedError || error instanceof KeyUnreachableError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new KeyUnreachableError(`Cannot get a data key: ${reason}`, { cause: error })
}

/** As a description tells why encryption could not be enabled. */
export function failureOf(error: KeyError): Failure {
  const type = error instanceof KeyRefusedError ? error.names.failureType : "UNKNOWN_ERROR"
  return { type, details: error.message }
}
