/**
 * Writes ORC files at random: `node dist/test/servers/orc/write-files.js FOLDER COUNT`. Beside each 7.orc a 7.json says what it
 * should be read as: { type, options, stripes, rows }, with values as random-table.ts has them.
 */
import { writeFileSync } from "node:fs"
import path from "node:path"
import { emptyRows, type PlacedGroup, type RowType } from "../../../src/formats/columns/index.ts"
import { type OrcOptions, type OrcStripeFacts, orc } from "../../../src/formats/orc/index.ts"
import { createSimulatedRandom, type SimulatedRandom } from "../../../src/platform/simulated/index.ts"
import { type Expected, randomColumn, randomRowType } from "./random-table.ts"

const [folder = ".", count = "1"] = process.argv.slice(2)
for (let seed = 0; seed < Number(count); seed++) {
  const { bytes, ...expected } = randomFile(createSimulatedRandom(seed))
  writeFileSync(path.join(folder, `${seed}.orc`), bytes)
  writeFileSync(path.join(folder, `${seed}.json`), JSON.stringify(expected))
}

function randomFile(random: SimulatedRandom) {
  const type = randomRowType(random, 1 + random.integer(8))
  const options = randomOptions(random, type)
  const appendColumns = type.fields.map((field) => randomColumn(random, field.type))
  const groups: PlacedGroup<OrcStripeFacts>[] = []
  const parts = [Buffer.from(orc.header)]
  let length = orc.header.length
  const rows: Expected[] = []
  const stripeCount = random.integer(4)
  for (let stripe = 0; stripe < stripeCount; stripe++) {
    const columns = emptyRows(type)
    const rowCount = 1 + random.integer(random.choice([1, 30, 3000, 5000]))
    for (let row = 0; row < rowCount; row++) {
      rows.push(
        columns.fields.map((values, index) => {
          const append = appendColumns[index]
          if (!append) throw new Error(`There is nothing to append to column ${index}`)
          return append(values)
        }),
      )
      columns.append()
    }
    const { bytes, facts } = orc.encodeGroup(type, columns, options)
    const padding = Buffer.alloc(orc.paddingBytes(length, bytes.length, options))
    const offset = length + padding.length
    parts.push(padding, Buffer.from(bytes))
    length = offset + bytes.length
    // As between threads and processes.
    groups.push({ offset, sizeBytes: bytes.length, rowCount, facts: JSON.parse(JSON.stringify(facts)) })
  }
  parts.push(Buffer.from(orc.footer(type, groups, options)))
  let firstRow = 0
  const stripes = groups.map(({ offset, sizeBytes, rowCount }) => {
    const stripe = { offset, sizeBytes, firstRow, rowCount }
    firstRow += rowCount
    return stripe
  })
  return { type, options, stripes, rows, bytes: Buffer.concat(parts) }
}

function randomOptions(random: SimulatedRandom, type: RowType): OrcOptions {
  return {
    stripeSizeBytes: 100_000,
    blockSizeBytes: 60_000,
    rowIndexStride: random.choice([7, 100, 1000, 10_000]),
    enablePadding: random.chance(0.5),
    paddingTolerance: random.choice([0.05, 0.5]),
    compression: random.choice(["NONE", "ZLIB", "SNAPPY"] as const),
    bloomFilterColumns: type.fields.map((field) => field.name).filter(() => random.chance(0.3)),
    bloomFilterFalsePositiveProbability: random.choice([0, 0.01, 0.05, 1]),
    dictionaryKeyThreshold: random.choice([0, 0.3, 1]),
    formatVersion: random.choice(["V0_11", "V0_12"] as const),
  }
}
