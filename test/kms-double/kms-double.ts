import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { isDeepStrictEqual } from "node:util"

/** What a key answers: what it is asked for, or one of KMS's errors. */
export type KeyState = "enabled" | "DisabledException" | "KMSInvalidStateException" | "AccessDeniedException"

/** A request that KMS understood. */
export interface SeenRequest {
  readonly operation: "GenerateDataKey" | "Decrypt"
  readonly keyArn: string
}

interface Wrapped {
  readonly keyArn: string
  readonly context: unknown
  readonly secret: string
}

class KmsError extends Error {}

/** A small KMS on loopback: two operations, in AWS's JSON protocol, for symmetric keys that it is told of. */
export class KmsDouble {
  /** All requests so far, in the order of their arrival. */
  readonly requests: SeenRequest[] = []
  readonly #keys = new Map<string, KeyState>()
  readonly #aliases = new Map<string, string>()
  readonly #wrapped = new Map<string, Wrapped>()
  readonly #server: Server
  /** Answers nothing but this status, when it is set: a service that has trouble. */
  failsWith: number | undefined

  /** Starts one at a port, or at any free one. */
  static async start(port = 0): Promise<KmsDouble> {
    const double = new KmsDouble()
    await double.listen(port)
    return double
  }

  private constructor() {
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, "127.0.0.1")
    await once(this.#server, "listening")
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === "string") throw new Error("The KMS double is not listening")
    return address.port
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** A key that can be used. Answers its ARN. */
  createKey(name: string): string {
    const arn = `arn:aws:kms:us-east-1:000000000000:key/${name}`
    this.#keys.set(arn, "enabled")
    return arn
  }

  /** Has an alias name a key from now on. Answers its ARN. */
  setAlias(name: string, keyArn: string): string {
    const arn = `arn:aws:kms:us-east-1:000000000000:alias/${name}`
    this.#aliases.set(arn, keyArn)
    return arn
  }

  setState(keyArn: string, state: KeyState): void {
    this.#keys.set(keyArn, state)
  }

  /** As a key that was deleted long ago. */
  forgetKey(keyArn: string): void {
    this.#keys.delete(keyArn)
  }

  /** Nobody is there any more, until `listen` is called. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse) {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { status, body } = this.#answer(incoming, Buffer.concat(chunks).toString())
    outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body))
  }

  #answer({ headers }: IncomingMessage, text: string): { readonly status: number; readonly body: object } {
    if (this.failsWith !== undefined) return { status: this.failsWith, body: {} }
    try {
      if (!/Credential=\w+\/\d{8}\/us-east-1\/kms\/aws4_request/.test(headers.authorization ?? "")) {
        throw new KmsError("MissingAuthenticationTokenException")
      }
      return { status: 200, body: this.#perform(headers["x-amz-target"], JSON.parse(text)) }
    } catch (error) {
      if (!(error instanceof KmsError)) throw error
      return { status: 400, body: { __type: error.message, message: `${error.message} of the double` } }
    }
  }

  #perform(target: unknown, input: Readonly<Record<string, unknown>>): object {
    switch (target) {
      case "TrentService.GenerateDataKey": {
        const keyArn = this.#requireKey("GenerateDataKey", String(input["KeyId"]))
        if (input["KeySpec"] !== "AES_256") throw new KmsError("ValidationException")
        const secret = randomBytes(32).toString("base64")
        const blob = randomBytes(150).toString("base64")
        this.#wrapped.set(blob, { keyArn, context: input["EncryptionContext"], secret })
        return { CiphertextBlob: blob, KeyId: keyArn, Plaintext: secret }
      }
      case "TrentService.Decrypt": {
        const wrapped = this.#wrapped.get(String(input["CiphertextBlob"]))
        if (wrapped === undefined) throw new KmsError("InvalidCiphertextException")
        const keyArn = this.#requireKey("Decrypt", wrapped.keyArn)
        if (input["KeyId"] !== undefined && input["KeyId"] !== keyArn) throw new KmsError("IncorrectKeyException")
        if (!isDeepStrictEqual(input["EncryptionContext"], wrapped.context)) {
          throw new KmsError("InvalidCiphertextException")
        }
        return { KeyId: keyArn, Plaintext: wrapped.secret }
      }
      default:
        throw new KmsError("UnknownOperationException")
    }
  }

  #requireKey(operation: SeenRequest["operation"], id: string): string {
    const keyArn = this.#aliases.get(id) ?? id
    this.requests.push({ operation, keyArn })
    const state = this.#keys.get(keyArn)
    if (state === undefined) throw new KmsError("NotFoundException")
    if (state !== "enabled") throw new KmsError(state)
    return keyArn
  }
}
