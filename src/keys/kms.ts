import {
  DecryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  type KMSClientConfig,
  KMSServiceException,
} from "@aws-sdk/client-kms"
import type { MasterKey, WrappedDataKey } from "../streams/index.ts"
import { type KeyError, type KeyRefusal, KeyRefusedError, KeyUnreachableError } from "./key-errors.ts"
import type { KeyWrapper, NewDataKey } from "./key-wrapper.ts"

export interface KmsSettings {
  readonly region: string
  /** URL of AWS KMS, or of a service that speaks its protocol. */
  readonly endpoint: string
  /** Without them: environment, shared files, container, instance, as all AWS clients look for them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** A KMS that is reached answers in milliseconds; a put may be waiting. */
const connectTimeoutMs = 2_000
const requestTimeoutMs = 5_000
/** In all, with the SDK's own pauses between them. */
const attemptsMax = 3
const dataKeyBytes = 32

/** Wraps data keys with keys of AWS KMS: spec/api.md, section 4.7. */
export class Kms implements KeyWrapper {
  readonly #endpoint: string
  readonly #client: KMSClient
  readonly #closed = new AbortController()

  constructor(settings: KmsSettings) {
    this.#endpoint = settings.endpoint
    this.#client = new KMSClient(clientConfig(settings))
  }

  async generate(key: MasterKey, streamArn: string): Promise<NewDataKey> {
    const KeyId = keyArn(key)
    const answer = await this.#ask(KeyId, (abortSignal) => {
      const command = new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext: contextOf(streamArn) })
      return this.#client.send(command, { abortSignal })
    })
    return {
      secret: this.#requireBytes(answer.Plaintext, dataKeyBytes),
      wrapped: Buffer.from(this.#requireBytes(answer.CiphertextBlob)).toString("base64"),
    }
  }

  async unwrap({ key, wrapped }: WrappedDataKey, streamArn: string): Promise<Uint8Array> {
    const arn = keyArn(key)
    // An alias may name another key by now. What was wrapped says by itself which key it needs.
    const KeyId = arn.includes(":alias/") ? undefined : arn
    const answer = await this.#ask(arn, (abortSignal) => {
      const CiphertextBlob = Buffer.from(wrapped, "base64")
      const command = new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext: contextOf(streamArn) })
      return this.#client.send(command, { abortSignal })
    })
    return this.#requireBytes(answer.Plaintext, dataKeyBytes)
  }

  /** Ends what is under way. */
  close() {
    this.#closed.abort()
    this.#client.destroy()
  }

  async #ask<T>(arn: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await send(this.#closed.signal)
    } catch (error) {
      throw keyErrorOf(error, arn, this.#endpoint)
    }
  }

  /** @throws KeyUnreachableError when what answered is no KMS */
  #requireBytes(bytes: Uint8Array | undefined, lengthBytes = bytes?.byteLength): Uint8Array {
    if (bytes?.byteLength === lengthBytes && bytes !== undefined) return bytes
    throw new KeyUnreachableError(`"${this.#endpoint}" did not answer with a data key: is it a KMS?`)
  }
}

function clientConfig({ region, endpoint, credentials }: KmsSettings): KMSClientConfig {
  return {
    region,
    endpoint,
    ...(credentials !== undefined && { credentials }),
    maxAttempts: attemptsMax,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Else it only warns.
      throwOnRequestTimeout: true,
    },
  }
}

/** Bound to what is wrapped, told in CloudTrail, and to be named in key policies (kms:EncryptionContext:...). */
function contextOf(streamArn: string): Record<string, string> {
  return { "hydrant:delivery-stream-arn": streamArn }
}

function keyArn(key: MasterKey): string {
  if (key.type === "CUSTOMER_MANAGED_CMK") return key.arn
  throw new KeyRefusedError("not-found", "A data key of the server's own key file is not for KMS to unwrap")
}

/** KMS's errors that say something of the key. Throttling and the like say nothing of it. */
const refusals: Readonly<Record<string, { readonly refusal: KeyRefusal; readonly advice: string }>> = {
  AccessDeniedException: {
    refusal: "access-denied",
    advice: "allow kms:GenerateDataKey and kms:Decrypt on it to the credentials in use",
  },
  UnrecognizedClientException: { refusal: "access-denied", advice: "check the access key" },
  InvalidSignatureException: { refusal: "access-denied", advice: "check the secret key" },
  ExpiredTokenException: { refusal: "access-denied", advice: "renew the credentials" },
  OptInRequired: { refusal: "access-denied", advice: "open the account for KMS" },
  DisabledException: { refusal: "disabled", advice: "enable it" },
  KMSInvalidStateException: { refusal: "invalid-state", advice: "bring it to a usable state, or cancel its deletion" },
  InvalidKeyUsageException: { refusal: "invalid-state", advice: "use a symmetric key for encryption" },
  UnsupportedOperationException: { refusal: "invalid-state", advice: "use a symmetric key for encryption" },
  IncorrectKeyException: { refusal: "invalid-state", advice: "it is not the key that wrapped this data key" },
  InvalidCiphertextException: { refusal: "invalid-state", advice: "it did not wrap this data key for this stream" },
  InvalidArnException: { refusal: "not-found", advice: "correct its ARN" },
  NotFoundException: { refusal: "not-found", advice: "correct its ARN, and the region of kms-endpoint" },
}

function keyErrorOf(cause: unknown, arn: string, endpoint: string): KeyError {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  const known = cause instanceof KMSServiceException ? refusals[cause.name] : undefined
  if (known !== undefined) {
    const { refusal, advice } = known
    return new KeyRefusedError(refusal, `The key "${arn}" can't be used: ${advice} (KMS says ${reason})`, { cause })
  }
  return new KeyUnreachableError(`Cannot ask the KMS at "${endpoint}" for the key "${arn}": ${reason}`, { cause })
}
