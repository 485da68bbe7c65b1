/**
 * The CRC-32 of two runs of bytes one after the other, from those of each: a CRC is what is left of a polynomial over GF(2)
 * divided by the one below, so that appending `n` bytes multiplies what is before by x^8n. As zlib's crc32_combine.
 */
export function combineCrc(first: number, second: number, secondBytes: number): number {
  return (multiply(powerOfX(8 * secondBytes), first) ^ second) >>> 0
}

/** CRC-32's polynomial; like all here, its highest power is the lowest bit. */
const polynomial = 0xedb88320
const one = 0x80000000

/** The product of two polynomials, modulo CRC-32's. */
function multiply(left: number, right: number): number {
  let product = 0
  let shifted = right
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((left & bit) !== 0) product ^= shifted
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ polynomial
  }
  return product >>> 0
}

/** x to this power, by squaring. */
function powerOfX(exponent: number): number {
  let result = one
  let square = one >>> 1
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(square, result)
    square = multiply(square, square)
  }
  return result
}
