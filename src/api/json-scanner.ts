import { decodeBase64At } from "./quick-base64.ts"

const quote = 0x22
const colon = 0x3a

/** Takes what is expected from the bytes of a JSON text, one token after the other. */
export class JsonScanner {
  readonly #body: Buffer
  readonly #view: DataView
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
    this.#view = viewOf(body)
  }

  /** Takes one character of JSON's structure, if it comes next. */
  take(character: number): boolean {
    this.#skipSpace()
    if (this.#body[this.#at] !== character) return false
    this.#at++
    return true
  }

  /** Takes a member's name, in quotes, and the colon after it. */
  takeName(token: Buffer): boolean {
    this.#skipSpace()
    for (let index = 0; index < token.length; index++) {
      if (this.#body[this.#at + index] !== token[index]) return false
    }
    this.#at += token.length
    return this.take(colon)
  }

  /** Takes a text without its quotes. It is not unescaped: who asks takes no backslash. */
  takeText(): string | undefined {
    if (!this.take(quote)) return undefined
    const end = this.#body.indexOf(quote, this.#at)
    if (end === -1) return undefined
    const text = this.#body.toString("latin1", this.#at, end)
    this.#at = end + 1
    return text
  }

  /** Takes bytes that are exactly these, given four to a number, the first one lowest. */
  takeWords(words: readonly number[]): boolean {
    if (this.#at + words.length * 4 > this.#body.length) return false
    for (let index = 0; index < words.length; index++) {
      if (this.#view.getUint32(this.#at + index * 4, true) !== words[index]) return false
    }
    this.#at += words.length * 4
    return true
  }

  /** Takes a text of base64 up to its closing quote, and decodes it into `target` from `offset` on. Answers how many bytes it stands for. */
  takeBase64(target: DataView, offset: number): number | undefined {
    const decoded = decodeBase64At(this.#view, this.#at, target, offset)
    if (decoded === undefined || this.#body[decoded.end] !== quote) return undefined
    this.#at = decoded.end
    return decoded.sizeBytes
  }

  /** Takes the quote that begins or ends a text. */
  takeQuote(): boolean {
    return this.take(quote)
  }

  isAtEnd(): boolean {
    this.#skipSpace()
    return this.#at === this.#body.length
  }

  #skipSpace() {
    for (;;) {
      const byte = this.#body[this.#at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      this.#at++
    }
  }
}

export function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
