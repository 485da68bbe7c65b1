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

  /** Of a text in ASCII, in hexadecimal. */
  hex(text: string): string {
    if (blockBytes + text.length > this.#inner.length) {
      this.#inner = Buffer.concat([this.#inner.subarray(0, blockBytes)], blockBytes + text.length)
    }
    const end = blockBytes + this.#inner.write(text, blockBytes, "latin1")
    // A character a byte: asking for a Buffer takes twice as long.
    this.#outer.write(hash("sha256", this.#inner.subarray(0, end), "binary"), blockBytes, "latin1")
    return hash("sha256", this.#outer, "hex")
  }
}
