/** Protocol buffers, read by field numbers. Strictly: what a message does not know is refused, since no writer here should write it. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"

/** The numbers of a message's fields, by name. */
export type Fields = Readonly<Record<string, number>>

export class Message<F extends Fields> {
  readonly #what: string
  readonly #fields: F
  readonly #values = new Map<number, (bigint | Uint8Array)[]>()

  /** `what` it is, and of what, for errors. */
  constructor(what: string, fields: F, bytes: Uint8Array) {
    this.#what = what
    this.#fields = fields
    try {
      this.#read(new BinaryReader(bytes))
    } catch (cause) {
      throw new Error(`${what} is no such message: ${cause}`, { cause })
    }
  }

  has(name: keyof F & string): boolean {
    return this.#all(name).length > 0
  }

  /** An unsigned integer, or an enum's number. */
  number(name: keyof F & string, absent?: number): number {
    const value = this.#one(name)
    if (value === undefined && absent !== undefined) return absent
    const number = Number(this.#integer(name, value))
    if (!Number.isSafeInteger(number)) throw this.#error(name, `is ${number}, which is too large`)
    return number
  }

  /** Unsigned integers, packed or not. */
  numbers(name: keyof F & string): readonly number[] {
    return this.#all(name).flatMap((value) => {
      if (typeof value === "bigint") return [Number(value)]
      const reader = new BinaryReader(value)
      const numbers: number[] = []
      while (reader.pos < reader.len) numbers.push(Number(reader.uint64()))
      return numbers
    })
  }

  /** Of 64 bits with its sign in the lowest one. */
  zigzag(name: keyof F & string): bigint {
    const value = this.#integer(name, this.#one(name))
    return (value >> 1n) ^ -(value & 1n)
  }

  double(name: keyof F & string): number {
    const bits = this.#integer(name, this.#one(name))
    return new Float64Array(new BigUint64Array([bits]).buffer)[0] ?? Number.NaN
  }

  boolean(name: keyof F & string): boolean {
    return this.number(name) !== 0
  }

  text(name: keyof F & string): string {
    return decodeText(`${this.#what}: ${name}`, this.#bytes(name, this.#one(name)))
  }

  texts(name: keyof F & string): readonly string[] {
    return this.#all(name).map((value) => decodeText(`${this.#what}: ${name}`, this.#bytes(name, value)))
  }

  bytes(name: keyof F & string): Uint8Array {
    return this.#bytes(name, this.#one(name))
  }

  /** Integers of 64 bits that are not packed. */
  words(name: keyof F & string): readonly bigint[] {
    return this.#all(name).map((value) => this.#integer(name, value))
  }

  message<Inner extends Fields>(name: keyof F & string, fields: Inner): Message<Inner> {
    return new Message(`${this.#what}: ${name}`, fields, this.bytes(name))
  }

  messages<Inner extends Fields>(name: keyof F & string, fields: Inner): readonly Message<Inner>[] {
    return this.#all(name).map(
      (value, index) => new Message(`${this.#what}: ${name} ${index}`, fields, this.#bytes(name, value)),
    )
  }

  #read(reader: BinaryReader) {
    const known = new Set(Object.values(this.#fields))
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag()
      if (!known.has(number)) throw new Error(`it has an unknown field ${number}`)
      const values = this.#values.get(number) ?? []
      values.push(readValue(`field ${number}`, reader, wireType))
      this.#values.set(number, values)
    }
  }

  #all(name: keyof F & string): readonly (bigint | Uint8Array)[] {
    return this.#values.get(this.#fields[name] ?? 0) ?? []
  }

  #one(name: keyof F & string): bigint | Uint8Array | undefined {
    const values = this.#all(name)
    if (values.length > 1) throw this.#error(name, `is there ${values.length} times`)
    return values[0]
  }

  #integer(name: string, value: bigint | Uint8Array | undefined): bigint {
    if (typeof value !== "bigint") throw this.#error(name, value === undefined ? "is missing" : "is no integer")
    return value
  }

  #bytes(name: string, value: bigint | Uint8Array | undefined): Uint8Array {
    if (!(value instanceof Uint8Array)) throw this.#error(name, value === undefined ? "is missing" : "is no bytes")
    return value
  }

  #error(name: string, problem: string): Error {
    return new Error(`${this.#what}: ${name} ${problem}`)
  }
}

/** Refuses what is no UTF-8. */
export function decodeText(what: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new Error(`${what} is no UTF-8: ${Buffer.from(bytes).toString("hex")}`, { cause })
  }
}

function readValue(what: string, reader: BinaryReader, wireType: WireType): bigint | Uint8Array {
  switch (wireType) {
    case WireType.Varint:
      return BigInt(reader.uint64())
    case WireType.Bit64:
      return BigInt(reader.fixed64())
    case WireType.LengthDelimited:
      return reader.bytes()
    default:
      throw new Error(`${what} has wire type ${wireType}`)
  }
}
