import { InvokeCommand, LambdaClient, type LambdaClientConfig, LambdaServiceException } from "@aws-sdk/client-lambda"
import { type FailureCode, failed, tooLarge } from "../failures.ts"
import type { FunctionTarget } from "../function-target.ts"
import { answerBytesMax, type FailedInvocation, type Invocation } from "../functions.ts"
import { linkedTo } from "../linked-abort.ts"
import { reportedError } from "../reported-error.ts"

export interface LambdaApiSettings {
  readonly region: string
  /** URL of AWS Lambda, or of a service that speaks its protocol. */
  readonly endpoint: string
  /** Without them: environment, shared files, container, instance, as all AWS clients look for them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Until an invocation is answered. By default a little more than the 5 minutes that Firehose gives a function. */
  readonly requestTimeoutMs?: number
}

const connectTimeoutMs = 10_000
const answerTimeoutMs = 310_000
/** Invocations at one time, of all functions together. More wait. */
const socketsMax = 256

/** Lambda's Invoke, once: whoever asks for it retries. */
export class LambdaApi implements FunctionTarget {
  readonly #client: LambdaClient
  readonly #closed = new AbortController()

  constructor(settings: LambdaApiSettings) {
    this.#client = new LambdaClient(clientConfig(settings))
  }

  async invoke(arn: string, payload: Uint8Array, signal: AbortSignal): Promise<Invocation> {
    const command = new InvokeCommand({ FunctionName: arn, InvocationType: "RequestResponse", Payload: payload })
    const ending = linkedTo(signal, this.#closed.signal)
    try {
      const { FunctionError, Payload: given } = await this.#client.send(command, { abortSignal: ending.signal })
      // Of an empty body the client makes null, which its types do not know.
      const Payload = given ?? new Uint8Array()
      const reported = FunctionError === undefined ? undefined : reportedError(Payload, true)
      if (reported !== undefined) return reported
      if (Payload.byteLength > answerBytesMax) return tooLarge(`The answer has ${Payload.byteLength} bytes`)
      return { kind: "returned", payload: Payload }
    } catch (error) {
      signal.throwIfAborted()
      return failureOf(error)
    } finally {
      ending.letGo()
    }
  }

  /** Ends what is under way. */
  async close() {
    this.#closed.abort()
    this.#client.destroy()
  }
}

function clientConfig(settings: LambdaApiSettings): LambdaClientConfig {
  const { region, endpoint, credentials, requestTimeoutMs = answerTimeoutMs } = settings
  return {
    region,
    endpoint,
    ...(credentials !== undefined && { credentials }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Else it only warns.
      throwOnRequestTimeout: true,
      // The request timeout ends with the answer's head. This one goes on while its body is read.
      socketTimeout: requestTimeoutMs,
      httpAgent: { keepAlive: true, maxSockets: socketsMax },
      httpsAgent: { keepAlive: true, maxSockets: socketsMax },
    },
  }
}

/** Errors of Lambda, and of its client, by their names. */
const codes: Readonly<Record<string, FailureCode>> = {
  AccessDeniedException: "Lambda.InvokeAccessDenied",
  CredentialsProviderError: "Lambda.InvalidSecurityToken",
  ENILimitReachedException: "Lambda.ENILimitReachedException",
  ExpiredTokenException: "Lambda.InvalidSecurityToken",
  IncompleteSignatureException: "Lambda.InvalidSecurityToken",
  InvalidClientTokenId: "Lambda.InvalidSecurityToken",
  InvalidRequestContentException: "Lambda.JsonProcessingException",
  InvalidSecurityGroupIDException: "Lambda.InvalidSecurityGroupIDException",
  InvalidSignatureException: "Lambda.InvalidSecurityToken",
  InvalidSubnetIDException: "Lambda.InvalidSubnetIDException",
  InvalidZipFileException: "Lambda.InvalidZipFileException",
  KMSAccessDeniedException: "Lambda.FunctionError",
  KMSDisabledException: "Lambda.FunctionError",
  KMSInvalidStateException: "Lambda.FunctionError",
  KMSNotFoundException: "Lambda.FunctionError",
  MissingAuthenticationTokenException: "Lambda.InvalidSecurityToken",
  ResourceNotFoundException: "Lambda.ResourceNotFound",
  ServiceException: "Lambda.InternalServerError",
  SubnetIPAddressLimitReachedException: "Lambda.SubnetIPAddressLimitReachedException",
  ThrottlingException: "Lambda.InvokeLimitExceeded",
  TimeoutError: "Lambda.FunctionRequestTimedOut",
  TooManyRequestsException: "Lambda.InvokeLimitExceeded",
  UnrecognizedClientException: "Lambda.InvalidSecurityToken",
}

/** What an answer's status says, when its name says nothing. */
const codesOfStatuses: Readonly<Record<number, FailureCode>> = {
  403: "Lambda.InvokeAccessDenied",
  404: "Lambda.ResourceNotFound",
  429: "Lambda.InvokeLimitExceeded",
  503: "Lambda.ServiceUnavailable",
  504: "Lambda.FunctionRequestTimedOut",
}

function failureOf(error: unknown): FailedInvocation {
  if (!(error instanceof Error)) return failed("Lambda.InvocationFailure", String(error))
  const detail = `${error.name}: ${error.message}`
  const status = statusOf(error)
  // The client calls these time-outs too.
  if ("code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE")) {
    return failed("Lambda.TargetServerFailedToRespond", detail)
  }
  if (error.name === "RequestTooLargeException" || status === 413) return tooLarge(detail)
  return failed(codes[error.name] ?? codeOfStatus(status) ?? "Lambda.TargetServerFailedToRespond", detail)
}

function codeOfStatus(status: number | undefined): FailureCode | undefined {
  if (status === undefined) return undefined
  return codesOfStatuses[status] ?? (status >= 500 ? "Lambda.InternalServerError" : "Lambda.InvocationFailure")
}

/** Of an answer that was no answer of Lambda, the client tells the status in `$response`. */
function statusOf(error: Error): number | undefined {
  if (error instanceof LambdaServiceException) return error.$metadata.httpStatusCode
  if (!("$response" in error)) return undefined
  const { $response } = error
  if (typeof $response !== "object" || $response === null || !("statusCode" in $response)) return undefined
  return typeof $response.statusCode === "number" ? $response.statusCode : undefined
}
