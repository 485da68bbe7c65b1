import type { Levels } from "./levels.ts"
import { bitWidthOf, runLengthBitsMax } from "./run-length.ts"
import type { ValueEncoding } from "./value-encoding.ts"

/** What a data page holds: slots and values [from, to), which are those of whole rows. */
export interface PageRange {
  readonly slotFrom: number
  readonly slotTo: number
  readonly valueFrom: number
  readonly valueTo: number
  readonly rowCount: number
}

/** What encodings add to a page beside values: lengths of levels, headers, the filled up last miniblocks of deltas. */
const pageOverheadBytes = 512

/**
 * Divides a column chunk into data pages: each takes rows while they fit into `pageSizeBytes` for certain, and one at least. A
 * page that its encoding makes smaller than that is not filled up, since only writing it would tell.
 */
export function pageRanges(
  levels: Levels,
  valueCount: number,
  encoding: ValueEncoding,
  pageSizeBytes: number,
): readonly PageRange[] {
  const { definitions, repetitions, definitionMax } = levels
  const { bitsPerValueMax, starts } = encoding
  const slotCount = definitions.length
  const pageBitsMax = 8 * (pageSizeBytes - pageOverheadBytes)
  // Where each row has a value, its levels are one run.
  const isFull = repetitions === undefined && slotCount === valueCount
  if (isFull && starts === undefined)
    return equalRanges(slotCount, Math.max(1, Math.floor(pageBitsMax / bitsPerValueMax)))
  const slotBits = isFull ? 0 : levelBits(levels)
  const ranges: PageRange[] = []
  let slotFrom = 0
  let valueFrom = 0
  // The rows of the open page that are known to fit into it.
  let rowCount = 0
  let pageBits = 0
  // The row that is being looked at begins with these.
  let rowSlot = 0
  let rowValue = 0
  let rowBits = 0
  let value = 0
  for (let slot = 0; slot < slotCount; slot++) {
    rowBits += slotBits
    if (definitions[slot] === definitionMax) {
      rowBits += bitsPerValueMax
      if (starts !== undefined) rowBits += 8 * ((starts[value + 1] ?? 0) - (starts[value] ?? 0))
      value++
    }
    const isLastOfRow = slot + 1 === slotCount || repetitions === undefined || repetitions[slot + 1] === 0
    if (!isLastOfRow) continue
    if (pageBits + rowBits > pageBitsMax && rowCount > 0) {
      ranges.push({ slotFrom, slotTo: rowSlot, valueFrom, valueTo: rowValue, rowCount })
      slotFrom = rowSlot
      valueFrom = rowValue
      rowCount = 0
      pageBits = 0
    }
    rowCount++
    pageBits += rowBits
    rowSlot = slot + 1
    rowValue = value
    rowBits = 0
  }
  ranges.push({ slotFrom, slotTo: slotCount, valueFrom, valueTo: value, rowCount })
  return ranges
}

/** Where all rows are alike there is nothing to add up. */
function equalRanges(rowCount: number, rowsPerPage: number): readonly PageRange[] {
  return Array.from({ length: Math.ceil(rowCount / rowsPerPage) }, (_, page) => {
    const from = page * rowsPerPage
    const to = Math.min(from + rowsPerPage, rowCount)
    return { slotFrom: from, slotTo: to, valueFrom: from, valueTo: to, rowCount: to - from }
  })
}

function levelBits({ definitionMax, repetitionMax }: Levels): number {
  const bits = (maximum: number) => (maximum === 0 ? 0 : runLengthBitsMax(bitWidthOf(maximum)))
  return bits(definitionMax) + bits(repetitionMax)
}
