import { createCipheriv, createDecipheriv, createHash } from "node:crypto"
import path from "node:path"
import { type Disk, errorCode, type Random, readFileIfThere, replaceFile } from "../platform/index.ts"
import type { MasterKey, WrappedDataKey } from "../streams/index.ts"
import { type KeyError, KeyRefusedError, KeyUnreachableError } from "./key-errors.ts"
import type { KeyWrapper, NewDataKey } from "./key-wrapper.ts"

/**
 * The server's own keys, in a text file: one to a line, 32 bytes in Base64; empty lines and those that begin with `#` do
 * not count. The first one wraps data keys, each of them unwraps what it wrapped. So a new key goes above the old ones.
 *
 * A data key that it wrapped, before Base64:
 *
 *     0   4  "HYK1"
 *     4   8  which key wrapped it: the beginning of its SHA-256
 *     12  12 nonce
 *     24  32 the data key, AES-256-GCM; additional data: the stream's ARN and the name of the master key
 *     56  16 tag
 *
 * The file is read at each use: who changes it need not start the server anew.
 */
const magic = Buffer.from("HYK1")
const cipherName = "aes-256-gcm"
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const keyIdBytes = 8
const wrappedBytes = magic.length + keyIdBytes + nonceBytes + keyBytes + tagBytes

export interface KeyFileOptions {
  readonly disk: Disk
  readonly random: Random
  readonly file: string
  /**
   * Asked when a key is wanted and there is no file: whether one may be made. It must not be when anything is wrapped by
   * keys that were in it, or when the operator named a file.
   */
  readonly mayBeMade: () => boolean
}

/** Whether a data key was wrapped by a key of a file, and not by KMS. */
export function isWrappedByFile({ wrapped }: WrappedDataKey): boolean {
  const bytes = Buffer.from(wrapped, "base64")
  return bytes.length === wrappedBytes && bytes.subarray(0, magic.length).equals(magic)
}

interface FileKey {
  readonly id: Buffer
  readonly secret: Buffer
}

/** Wraps data keys with keys that lie in a file. */
export class KeyFile implements KeyWrapper {
  readonly #options: KeyFileOptions
  /** The file, while it is made: two who want a key at once must get the same. */
  #making: Promise<readonly FileKey[]> | undefined
  #isDurable = false

  constructor(options: KeyFileOptions) {
    this.#options = options
  }

  async generate(key: MasterKey, streamArn: string): Promise<NewDataKey> {
    const [wrapping] = (await this.#readDurable()) ?? (await this.#make())
    if (wrapping === undefined) throw this.#malformed("it holds no key")
    const secret = this.#options.random.bytes(keyBytes)
    const nonce = this.#options.random.bytes(nonceBytes)
    const cipher = createCipheriv(cipherName, wrapping.secret, nonce).setAAD(boundTo(key, streamArn))
    const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()])
    return { secret, wrapped: Buffer.concat([magic, wrapping.id, nonce, sealed]).toString("base64") }
  }

  async unwrap(dataKey: WrappedDataKey, streamArn: string): Promise<Uint8Array> {
    if (!isWrappedByFile(dataKey)) {
      throw new KeyRefusedError(
        "invalid-state",
        `The data key "${dataKey.id}" was wrapped by KMS, and KMS is not used: set kms-endpoint again, and kms to remote`,
      )
    }
    const bytes = Buffer.from(dataKey.wrapped, "base64").subarray(magic.length)
    const id = bytes.subarray(0, keyIdBytes)
    const wrapping = (await this.#read())?.find((one) => one.id.equals(id))
    if (wrapping === undefined) throw this.#lost(id)
    const nonce = bytes.subarray(keyIdBytes, keyIdBytes + nonceBytes)
    const decipher = createDecipheriv(cipherName, wrapping.secret, nonce)
    decipher.setAAD(boundTo(dataKey.key, streamArn)).setAuthTag(bytes.subarray(-tagBytes))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(keyIdBytes + nonceBytes, -tagBytes)), decipher.final()])
    } catch (cause) {
      throw new KeyRefusedError(
        "invalid-state",
        `The data key "${dataKey.id}" is damaged, or was made for another stream: restore the stream's definition`,
        { cause },
      )
    }
  }

  get path(): string {
    return this.#options.file
  }

  /**
   * Tells of a data key whether the key that wrapped it is in the file. Undefined when there is no file.
   * @throws KeyError when there is one that can't be used
   */
  async held(): Promise<((dataKey: WrappedDataKey) => boolean) | undefined> {
    const keys = await this.#read()
    const ids = new Set(keys?.map(({ id }) => id.toString("hex")))
    if (keys === undefined) return undefined
    return ({ wrapped }) =>
      ids.has(Buffer.from(wrapped, "base64").toString("hex", magic.length, magic.length + keyIdBytes))
  }

  /** The keys of the file; undefined when there is none. */
  async #read(): Promise<readonly FileKey[] | undefined> {
    const { disk, file } = this.#options
    let content: Buffer | undefined
    try {
      content = await readFileIfThere(disk, file)
    } catch (cause) {
      throw unreadable(file, cause)
    }
    if (content === undefined) return undefined
    const lines = content.toString().split(/\r?\n/)
    const keys = lines.flatMap((line, index) => {
      const text = line.trim()
      if (text === "" || text.startsWith("#")) return []
      const secret = Buffer.from(text, "base64")
      if (secret.length === keyBytes && secret.toString("base64") === text) return [fileKey(secret)]
      throw this.#malformed(`line ${index + 1} is not 32 bytes in Base64`)
    })
    if (keys.length === 0) throw this.#malformed("it holds no key")
    return keys
  }

  /** For keys that will be needed later: one that was made before a failure, or a crash, may be there without being durable. */
  async #readDurable(): Promise<readonly FileKey[] | undefined> {
    const keys = await this.#read()
    if (keys === undefined || this.#isDurable) return keys
    const { disk, file } = this.#options
    try {
      await disk.syncFolder(path.dirname(file))
    } catch (cause) {
      // A folder that only others may list is theirs to keep.
      if (!isDenied(cause)) {
        throw new KeyUnreachableError(`Cannot make "${file}" durable: ${reasonOf(cause)}`, { cause })
      }
    }
    this.#isDurable = true
    return keys
  }

  #make(): Promise<readonly FileKey[]> {
    this.#making ??= this.#makeFile().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  async #makeFile(): Promise<readonly FileKey[]> {
    const { disk, file, random, mayBeMade } = this.#options
    if (!mayBeMade()) throw this.#lost()
    const secret = random.bytes(keyBytes)
    const text = [
      "# Hydrant's encryption keys. Without this file, what is encrypted with them can't be read: keep a copy elsewhere.",
      secret.toString("base64"),
      "",
    ]
    try {
      await disk.makeFolder(path.dirname(file))
      await replaceFile(disk, file, Buffer.from(text.join("\n")), "create-secret")
    } catch (cause) {
      throw new KeyUnreachableError(`Cannot make the encryption key file "${file}": ${reasonOf(cause)}`, { cause })
    }
    return [fileKey(secret)]
  }

  #malformed(what: string): KeyRefusedError {
    return new KeyRefusedError(
      "invalid-state",
      `The encryption key file "${this.#options.file}" can't be used: ${what}. Restore it; a new key is what "openssl rand -base64 32" prints`,
    )
  }

  #lost(id?: Uint8Array): KeyRefusedError {
    const { file } = this.#options
    const key =
      id === undefined ? "the key that streams are encrypted with" : `the key ${Buffer.from(id).toString("hex")}`
    return new KeyRefusedError(
      "not-found",
      `The encryption key file "${file}" does not hold ${key}: restore it from its copy, or name it with encryption-key-file`,
    )
  }
}

function fileKey(secret: Buffer): FileKey {
  return { secret, id: createHash("sha256").update(secret).digest().subarray(0, keyIdBytes) }
}

function boundTo(key: MasterKey, streamArn: string): Buffer {
  return Buffer.from(`${streamArn}\n${key.type === "AWS_OWNED_CMK" ? key.type : key.arn}`)
}

function unreadable(file: string, cause: unknown): KeyError {
  const message = `Cannot read the encryption key file "${file}": ${reasonOf(cause)}`
  if (!isDenied(cause)) return new KeyUnreachableError(message, { cause })
  return new KeyRefusedError("access-denied", `${message}. Let the server's user read it`, { cause })
}

function isDenied(error: unknown): boolean {
  const code = errorCode(error)
  return code === "EACCES" || code === "EPERM"
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
