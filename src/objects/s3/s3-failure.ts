import { type Failure, reasonOf } from "../attempt.ts"

/** What became of a request that failed. */
export interface RequestFailure extends Failure {
  /** The store answered that it did not do it, or was never reached: it is certainly not done. */
  readonly refused: boolean
}

/**
 * What an error of the S3 client means, and what to do about it. Codes: spec/observability.md, section 3. `allow` is what to do
 * when access is denied.
 */
export function s3Failure(error: unknown, allow = allowPut): RequestFailure {
  const { name, code, status } = factsOf(error)
  if (name === "CredentialsProviderError") {
    const reason = "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
    return { code: "S3.AccessDenied", reason: `${reason} (${reasonOf(error)})`, refused: true }
  }
  if (status === undefined) {
    const reason = `no whole answer came from the store: ${reasonOf(error)}`
    return { code: "InternalError", reason, refused: code !== undefined && neverSent.has(code) }
  }
  const known = answers[name]
  const advised = name === "AccessDenied" ? allow : known?.advice
  const advice = advised === undefined ? "" : `; ${advised}`
  return {
    code: known?.code ?? "InternalError",
    reason: `the store answered ${status} ${name}: ${reasonOf(error)}${advice}`,
    // After a 5xx, or a 200 that turns out to be an error, the store may have done it nevertheless.
    refused: status >= 300 && status < 500,
  }
}

/** System errors that come before a connection is there, and never later. */
const neverSent: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"])

const allowPut = "allow s3:PutObject and s3:AbortMultipartUpload on the bucket to the credentials in use"
const allowKey = "allow kms:GenerateDataKey and kms:Decrypt on the key to the credentials in use"
const wrongKeys = "check the access key and the secret key"
const wrongRegion = "set the region to the bucket's own"

/** S3's error codes, and what they are here. Those that are not listed are InternalError. */
const answers: Readonly<Record<string, { readonly code: string; readonly advice?: string }>> = {
  AccessDenied: { code: "S3.AccessDenied" },
  InvalidAccessKeyId: { code: "S3.AccessDenied", advice: wrongKeys },
  SignatureDoesNotMatch: { code: "S3.AccessDenied", advice: wrongKeys },
  InvalidToken: { code: "S3.InvalidToken", advice: "renew the session token of the credentials" },
  ExpiredToken: { code: "S3.InvalidToken", advice: "renew the session token of the credentials" },
  NoSuchBucket: { code: "S3.NoSuchBucket", advice: "create the bucket, or correct its name" },
  SlowDown: { code: "S3.SlowDown" },
  AccountProblem: { code: "S3.AccountProblem" },
  AllAccessDisabled: { code: "S3.AllAccessDisabled" },
  InvalidPayer: { code: "S3.InvalidPayer" },
  NotSignedUp: { code: "S3.NotSignedUp" },
  MethodNotAllowed: { code: "S3.MethodNotAllowed" },
  SubscriptionRequired: { code: "S3.SubscriptionRequired" },
  IllegalLocationConstraintException: { code: "S3.IllegalLocationConstraintException", advice: wrongRegion },
  PermanentRedirect: { code: "S3.IllegalLocationConstraintException", advice: wrongRegion },
  AuthorizationHeaderMalformed: { code: "S3.IllegalLocationConstraintException", advice: wrongRegion },
  "KMS.NotFoundException": { code: "S3.KMS.NotFoundException", advice: "correct the ARN of the KMS key" },
  "KMS.DisabledException": { code: "S3.KMS.KeyDisabled", advice: "enable the KMS key" },
  "KMS.KMSInvalidStateException": {
    code: "S3.KMS.InvalidStateException",
    advice: "bring the KMS key to a usable state",
  },
  "KMS.InvalidStateException": { code: "S3.KMS.InvalidStateException", advice: "bring the KMS key to a usable state" },
  "KMS.RequestLimitExceeded": { code: "S3.KMS.RequestLimitExceeded" },
  "KMS.ThrottlingException": { code: "S3.KMS.RequestLimitExceeded" },
  "KMS.KeyNotConfigured": { code: "S3.KMS.KeyNotConfigured", advice: "configure KMS in the store" },
  "KMS.InvalidKeyUsageException": { code: "S3.KMS.AsymmetricCMKNotSupported", advice: "use a symmetric KMS key" },
  "KMS.UnsupportedOperationException": { code: "S3.KMS.AsymmetricCMKNotSupported", advice: "use a symmetric KMS key" },
  "KMS.AccessDeniedException": { code: "S3.AccessDenied", advice: allowKey },
}

interface Facts {
  /** S3's error code, or the client's name for the error. */
  readonly name: string
  /** The system's code, such as ECONNRESET. */
  readonly code: string | undefined
  /** The HTTP status of the answer; undefined when none came. */
  readonly status: number | undefined
}

function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return { name: "Error", code: undefined, status: undefined }
  return {
    name: error.name,
    code: "code" in error && typeof error.code === "string" ? error.code : undefined,
    status: "$metadata" in error ? statusOf(error.$metadata) : undefined,
  }
}

function statusOf(metadata: unknown): number | undefined {
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined
}
