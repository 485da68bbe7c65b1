import { hash } from "node:crypto"

const blockBytes = 64
const digestBytes = 32

/**
 * HMAC-SHA-256 with a key that is used again and again, as RFC 2104 makes it of two hashes:
 *
 *     hash(key ^ opad, hash(key ^ ipad, text))
 *
 * Node's own Hmac makes an object of OpenSSL's each time, which costs several times what is hashed here.
 */
export class KeptHmac {
  /** The first block of the inner hash, and room for the text behind it. */
  #inner: Buffer
  /** The first block of the outer hash, and room for the inner digest behind it. */
  readonly #outer: Buffer
  /** What the inner hash's text began with last, which is in its place still, and where that ends. */
  #beginning = ""
  #beginningEnd = blockBytes

  /** A key has up to 64 bytes. */
  constructor(key: Uint8Array) {
    this.#inner = Buffer.alloc(blockBytes * 4)
    this.#outer = Buffer.alloc(blockBytes + digestBytes)
    for (let index = 0; index < blockBytes; index++) {
      const byte = key[index] ?? 0
      this.#inner[index] = byte ^ 0x36
      this.#outer[index] = byte ^ 0x5c
    }
  }

  /** Of a text in ASCII, in hexadecimal. It is given in two parts, of which the first may be the same again and again. */
  hex(beginning: string, rest: string): string {
    const textBytes = beginning.length + rest.length
    if (blockBytes + textBytes > this.#inner.length) {
      this.#inner = Buffer.concat([this.#inner.subarray(0, this.#beginningEnd)], blockBytes + textBytes)
    }
    if (beginning !== this.#beginning) {
      this.#beginning = beginning
      this.#beginningEnd = blockBytes + this.#inner.write(beginning, blockBytes, "latin1")
    }
    const end = this.#beginningEnd + this.#inner.write(rest, this.#beginningEnd, "latin1")
    // A character a byte: asking for a Buffer takes twice as long.
    this.#outer.write(hash("sha256", this.#inner.subarray(0, end), "binary"), blockBytes, "latin1")
    return hash("sha256", this.#outer, "hex")
  }
}
