import assert from "node:assert/strict"
import { test } from "node:test"
import { readOrc } from "../../../test/support/orc/read-orc.ts"
import { emptyRows, type PlacedGroup, type RowType } from "../columns/index.ts"
import { type OrcOptions, type OrcStripeFacts, orc } from "./index.ts"
import { defaults } from "./testing.ts"

const type: RowType = { kind: "struct", fields: [{ name: "text", type: { kind: "string" } }] }

/** A file of stripes with these texts. */
function file(stripes: readonly (readonly string[])[], options: OrcOptions): Uint8Array {
  const parts = [orc.header]
  const groups: PlacedGroup<OrcStripeFacts>[] = []
  for (const texts of stripes) {
    const rows = emptyRows(type)
    const [column] = rows.fields
    assert.ok(column?.kind === "text")
    for (const text of texts) {
      column.appendString(text)
      rows.append()
    }
    const { bytes, rowCount, facts } = orc.encodeGroup(type, rows, options)
    const offset = Buffer.concat(parts).length
    parts.push(new Uint8Array(orc.paddingBytes(offset, bytes.length, options)), bytes)
    const placed = Buffer.concat(parts).length - bytes.length
    groups.push({ offset: placed, sizeBytes: bytes.length, rowCount, facts })
  }
  return Buffer.concat([...parts, orc.footer(type, groups, options)])
}

test("A file may have no rows", () => {
  for (const compression of ["NONE", "ZLIB", "SNAPPY"] as const) {
    const { schema, rows, stripes } = readOrc(file([], { ...defaults, compression }))
    assert.deepEqual([schema, rows, stripes], [type, [], []])
  }
})

test("The same rows make the same bytes, and stripes are read in their order", () => {
  const stripes = [["a", "b"], ["c"]]
  const options: OrcOptions = { ...defaults, compression: "ZLIB", bloomFilterColumns: ["TEXT"] }
  const bytes = file(stripes, options)
  assert.deepEqual(bytes, file(stripes, options))
  const read = readOrc(bytes)
  assert.deepEqual(read.rows, [["a"], ["b"], ["c"]])
  assert.deepEqual(
    read.stripes.map((stripe) => stripe.bloomFilterColumns),
    [[1], [1]],
  )
})

test("Texts too long for statistics are bounded there", () => {
  const long = ["a".repeat(5000), "\u{d7ff}".repeat(500), "\u{10ffff}".repeat(300)]
  for (const text of long) assert.deepEqual(readOrc(file([[text], ["b"]], defaults)).rows, [[text], ["b"]])
})

test("A stripe that does not fit into the little that is left of a block begins in the next one", () => {
  const options = {
    ...defaults,
    enablePadding: true,
    blockSizeBytes: 1000,
    stripeSizeBytes: 800,
    paddingTolerance: 0.1,
  }
  const padding = (offset: number, groupBytes: number, more = {}) =>
    orc.paddingBytes(offset, groupBytes, { ...options, ...more })
  assert.equal(padding(930, 500), 70)
  assert.equal(padding(2930, 500), 70)
  // As much as is tolerated is left, or more; it fits; the block is new; padding is off.
  assert.equal(padding(920, 500), 0)
  assert.equal(padding(930, 70), 0)
  assert.equal(padding(1000, 2000, { paddingTolerance: 1, stripeSizeBytes: 5000 }), 0)
  assert.equal(padding(930, 500, { enablePadding: false }), 0)
})
