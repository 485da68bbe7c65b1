/**
 * Values as they are (PLAIN): booleans a bit each, the first one the lowest; values of a fixed width one after the other; others
 * with their lengths before them, as int32 little-endian.
 */

import { copyBytes, viewOf } from "../columns/index.ts"
import type { ByteWriter } from "./byte-writer.ts"
import type { PhysicalValues, VariableBytes } from "./physical-values.ts"

/** Writes values [from, to). */
export function writePlain(values: PhysicalValues, from: number, to: number, writer: ByteWriter) {
  switch (values.type) {
    case "BOOLEAN": {
      const into = writer.extend(Math.ceil((to - from) / 8)).fill(0)
      for (let at = from, bit = 0; at < to; at++, bit++) {
        into[bit >> 3] = (into[bit >> 3] ?? 0) | ((values.bytes[at] ?? 0) << (bit & 7))
      }
      return
    }
    case "BYTE_ARRAY":
      return writeVariable(values, from, to, writer)
    default:
      return writer.writeBytes(values.bytes.subarray(from * values.widthBytes, to * values.widthBytes))
  }
}

function writeVariable({ bytes, starts }: VariableBytes, from: number, to: number, writer: ByteWriter) {
  const source = viewOf(bytes)
  const into = viewOf(writer.extend((starts[to] ?? 0) - (starts[from] ?? 0) + 4 * (to - from)))
  let at = 0
  let end = starts[from] ?? 0
  for (let index = from; index < to; index++) {
    const start = end
    end = starts[index + 1] ?? 0
    into.setInt32(at, end - start, true)
    at = copyBytes(source, start, end, into, at + 4)
  }
}
