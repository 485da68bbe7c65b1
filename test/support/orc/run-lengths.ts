/** The run-length encodings of ORC (its specification v1, "Run Length Encoding"), decoded value by value. */
import type { ByteStream, Positions } from "./byte-stream.ts"

/** Answers the values of a stream, one after the other. */
export interface Decoder<Value> {
  next(): Value
  /** Where a row index says. */
  seek(positions: Positions): void
  /** Throws if there is more than was taken. */
  finish(): void
}

/** Values that come in runs: of a subclass, run by run. */
abstract class Runs<Value> implements Decoder<Value> {
  protected readonly stream: ByteStream
  #run: readonly Value[] = []
  #index = 0

  constructor(stream: ByteStream) {
    this.stream = stream
  }

  next(): Value {
    if (this.#index === this.#run.length) {
      this.#run = this.readRun()
      this.#index = 0
    }
    const value = this.#run[this.#index++]
    if (value === undefined) throw new Error(`${this.stream.what} has an empty run`)
    return value
  }

  seek(positions: Positions) {
    this.stream.seek(positions)
    this.#run = []
    this.#index = 0
    const skipped = positions.next()
    for (let index = 0; index < skipped; index++) this.next()
  }

  finish() {
    this.stream.finish()
    const left = this.#run.length - this.#index
    if (left > 0) throw new Error(`${this.stream.what} has ${left} values more than are needed`)
  }

  protected abstract readRun(): readonly Value[]
}

/** Unsigned. */
export class ByteRuns extends Runs<number> {
  protected readRun(): readonly number[] {
    const header = this.stream.readByte()
    if (header >= 128) return [...this.stream.read(256 - header)]
    return new Array<number>(header + 3).fill(this.stream.readByte())
  }
}

/** Bits from the highest of each byte on. */
export class BooleanRuns implements Decoder<boolean> {
  readonly #what: string
  readonly #bytes: ByteRuns
  #byte = 0
  #bitCount = 0

  constructor(stream: ByteStream) {
    this.#what = stream.what
    this.#bytes = new ByteRuns(stream)
  }

  next(): boolean {
    if (this.#bitCount === 0) {
      this.#byte = this.#bytes.next()
      this.#bitCount = 8
    }
    this.#bitCount--
    return ((this.#byte >> this.#bitCount) & 1) === 1
  }

  seek(positions: Positions) {
    this.#bytes.seek(positions)
    this.#bitCount = 0
    const skipped = positions.next()
    if (skipped > 8) throw new Error(`${positions.what}: ${skipped} bits of a byte of ${this.#what} were taken`)
    for (let index = 0; index < skipped; index++) this.next()
  }

  finish() {
    this.#bytes.finish()
    if ((this.#byte & ((1 << this.#bitCount) - 1)) !== 0) throw new Error(`${this.#what} has bits behind its end`)
  }
}

/** Of as many bytes as there are, seven bits of each. */
export function readVarint(stream: ByteStream): bigint {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = stream.readByte()
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 128) return value
  }
}

export function unZigzag(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n)
}

/** Integers of 64 bits, of either version. */
abstract class IntegerRuns extends Runs<bigint> {
  protected readonly isSigned: boolean

  constructor(stream: ByteStream, isSigned: boolean) {
    super(stream)
    this.isSigned = isSigned
  }

  protected readVarint(): bigint {
    const value = readVarint(this.stream)
    if (value >= 1n << 64n) throw new Error(`${this.stream.what} has a value of more than 64 bits: ${value}`)
    return this.signed(value)
  }

  protected signed(value: bigint): bigint {
    return this.isSigned ? unZigzag(value) : BigInt.asIntN(64, value)
  }
}

export class IntegerRunsV1 extends IntegerRuns {
  protected readRun(): readonly bigint[] {
    const header = this.stream.readByte()
    if (header >= 128) return Array.from({ length: 256 - header }, () => this.readVarint())
    const delta = (this.stream.readByte() << 24) >> 24
    const first = this.readVarint()
    return Array.from({ length: header + 3 }, (_, index) => BigInt.asIntN(64, first + BigInt(index) * BigInt(delta)))
  }
}

export class IntegerRunsV2 extends IntegerRuns {
  protected readRun(): readonly bigint[] {
    const header = this.stream.readByte()
    switch (header >> 6) {
      case 0:
        return this.#shortRepeat(header)
      case 1:
        return this.#direct(header)
      case 2:
        return this.#patchedBase(header)
      default:
        return this.#delta(header)
    }
  }

  #shortRepeat(header: number): readonly bigint[] {
    const value = this.#bigEndian(((header >> 3) & 7) + 1)
    return new Array<bigint>((header & 7) + 3).fill(this.signed(value))
  }

  #direct(header: number): readonly bigint[] {
    const width = widthOf((header >> 1) & 31)
    return this.#packed(width, this.#runLength(header)).map((value) => this.signed(value))
  }

  #patchedBase(header: number): readonly bigint[] {
    const width = widthOf((header >> 1) & 31)
    const length = this.#runLength(header)
    const third = this.stream.readByte()
    const fourth = this.stream.readByte()
    const baseBytes = (third >> 5) + 1
    const patchWidth = widthOf(third & 31)
    const gapWidth = (fourth >> 5) + 1
    const patchCount = fourth & 31
    if (patchCount === 0) throw new Error(`${this.stream.what} has a run of the patched base with no patches`)
    if (patchWidth + gapWidth > 64) throw new Error(`${this.stream.what} has patches of more than 64 bits`)
    const stored = this.#bigEndian(baseBytes)
    const sign = 1n << BigInt(8 * baseBytes - 1)
    const base = (stored & sign) === 0n ? stored : -(stored ^ sign)
    const values = [...this.#packed(width, length)]
    let index = 0
    for (const entry of this.#packed(closestWidth(patchWidth + gapWidth), patchCount)) {
      index += Number(entry >> BigInt(patchWidth))
      const value = values[index]
      if (value === undefined) throw new Error(`${this.stream.what} has a patch for value ${index} of ${length}`)
      values[index] = value | (BigInt.asUintN(patchWidth, entry) << BigInt(width))
    }
    return values.map((value) => BigInt.asIntN(64, base + value))
  }

  #delta(header: number): readonly bigint[] {
    const code = (header >> 1) & 31
    const length = this.#runLength(header)
    const first = this.readVarint()
    const delta = unZigzag(readVarint(this.stream))
    if (code === 0) {
      return Array.from({ length }, (_, index) => BigInt.asIntN(64, first + BigInt(index) * delta))
    }
    if (length < 2) throw new Error(`${this.stream.what} has a run of deltas with ${length} values`)
    const values = [first, first + delta]
    let last = first + delta
    for (const step of this.#packed(widthOf(code), length - 2)) {
      last += delta < 0n ? -step : step
      values.push(last)
    }
    return values.map((value) => BigInt.asIntN(64, value))
  }

  #runLength(header: number): number {
    return (((header & 1) << 8) | this.stream.readByte()) + 1
  }

  #bigEndian(byteCount: number): bigint {
    let value = 0n
    for (const byte of this.stream.read(byteCount)) value = (value << 8n) | BigInt(byte)
    return value
  }

  #packed(width: number, count: number): readonly bigint[] {
    const values: bigint[] = []
    let bits = 0n
    let bitCount = 0
    while (values.length < count) {
      while (bitCount < width) {
        bits = (bits << 8n) | BigInt(this.stream.readByte())
        bitCount += 8
      }
      bitCount -= width
      values.push(bits >> BigInt(bitCount))
      bits = BigInt.asUintN(bitCount, bits)
    }
    return values
  }
}

const wideWidths = [26, 28, 30, 32, 40, 48, 56, 64]

/** Of the five bits for it: 1 to 24 as they are, then only some. */
function widthOf(code: number): number {
  return code < 24 ? code + 1 : (wideWidths[code - 24] ?? 0)
}

/** The least width with a code that holds so many bits. */
function closestWidth(bitCount: number): number {
  return bitCount <= 24 ? bitCount : (wideWidths.find((width) => width >= bitCount) ?? 64)
}
