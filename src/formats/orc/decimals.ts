/**
 * Decimals as two streams:
 *
 *     DATA        unscaled values as signed varints of any length
 *     SECONDARY   the scale of each: here always that of the column's type
 */
import type { DecimalValues } from "../columns/index.ts"
import { GrowingBytes } from "./growing-bytes.ts"
import type { OrcOptions } from "./options.ts"
import { type Bounds, forEachGroup, integerStream, type Stream } from "./streams.ts"
import { wideZigzag, writeVarint, writeWideVarint, zigzag } from "./varint.ts"

/** Up to it, twice a value is exact as a double. */
const narrowMax = 2 ** 51

export function decimalStreams(
  decimals: DecimalValues,
  scale: number,
  bounds: Bounds,
  options: OrcOptions,
): readonly Stream[] {
  const out = new GrowingBytes()
  const marks = forEachGroup(bounds, (from, to) => {
    const byteOffset = out.length
    for (let at = from; at < to; at++) writeDecimal(out, decimals, at)
    return { byteOffset, skip: [] }
  })
  const scales = new Int32Array(decimals.valueCount).fill(scale)
  return [
    { kind: "data", bytes: out.written, marks },
    integerStream(scales, bounds, { kind: "secondary", isSigned: true, options }),
  ]
}

function writeDecimal(out: GrowingBytes, decimals: DecimalValues, index: number) {
  const double = decimals.doubleAt(index)
  if (double !== undefined && Math.abs(double) < narrowMax) writeVarint(out, zigzag(double))
  else writeWideVarint(out, wideZigzag(decimals.at(index)))
}

/** As text, without zeros at the end of its fraction: 12.30 is "12.3", as Apache's writers put it into statistics and filters. */
export function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? "-" : ""
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0")
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "")
  const whole = digits.slice(0, digits.length - scale)
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`
}
