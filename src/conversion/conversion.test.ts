import assert from "node:assert/strict"
import { test } from "node:test"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { until } from "../../test/support/until.ts"
import { parseHiveType } from "../formats/index.ts"
import { latestVersion, type Table } from "../tables/index.ts"
import type { Workers } from "../workers/index.ts"
import type { OutputFormat } from "./column-formats.ts"
import { openConversion } from "./conversion.ts"
import { converted } from "./convert.ts"
import type { RowSchema } from "./row-schema.ts"
import { conversionWorldWith } from "./testing.ts"

const column = (name: string, type: string) => ({ name, type: parseHiveType(type) })

async function checkOf(...fields: readonly ReturnType<typeof column>[]) {
  const table: Table = { rowType: { kind: "struct", fields } }
  const conversion = openConversion(
    {
      table: {
        databaseName: "lake",
        tableName: "orders",
        versionId: latestVersion,
        roleArn: "arn:aws:iam::000000000000:role/delivery",
      },
      deserializer: { kind: "hive", timestampFormats: [] },
    },
    conversionWorldWith(new Map([["lake.orders", table]])),
  )
  return conversion.check(new AbortController().signal)
}

/** Bytes that typed arrays hold which are still in use. */
function usedBytes(): number {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
  return process.memoryUsage().arrayBuffers
}

test("What a check keeps of the records that it has seen does not grow with their number or size", {
  timeout: 60_000,
}, async () => {
  const { problemOf } = await checkOf(column("a", "array<int>"), column("b", "string"))
  const before = usedBytes()
  for (const sizeBytes of [1_000_000, 60_000, 100]) {
    const record = Buffer.from(`{"a":[1${",1".repeat(sizeBytes / 4)}],"b":"${"x".repeat(sizeBytes / 2)}"}`)
    for (let count = 0; count < 20; count++) assert.equal(problemOf(record), undefined)
    // Memory of typed arrays is given back some time after they were collected.
    await until(() => usedBytes() - before < 5_000_000)
  }
})

test("A record is checked by itself, whatever its length and whatever came before it", async () => {
  const { problemOf } = await checkOf(column("a", "int"), column("b", "string"))
  for (const length of [1, 40_000, 100_000]) {
    const good = Buffer.from(`{"a":1,"b":"${"x".repeat(length)}"}`)
    const bad = Buffer.from(`{"b":"${"x".repeat(length)}","a":true}`)
    for (const record of [good, bad, good]) {
      assert.equal(problemOf(record)?.code, record === bad ? "DataFormatConversion.MalformedData" : undefined)
    }
  }
})

test("Whatever the size of a batch, 64 MiB of it are converted at a time, and the rest of the last record", async () => {
  const record = Buffer.from(`{"a":"${"x".repeat(999_992)}"}`)
  const recordCount = 150
  async function* records() {
    for (let count = 0; count < recordCount; count++) yield { lengths: Uint32Array.of(record.byteLength), data: record }
  }
  const groupBytes: number[] = []
  const weighing: Workers = {
    async run(work, input) {
      const members: readonly unknown[] = typeof input === "object" && input !== null ? Object.values(input) : []
      groupBytes.push(...members.filter((one) => one instanceof Uint8Array).map(({ buffer }) => buffer.byteLength))
      return work.run(input)
    },
    close: async () => {},
  }
  const schema: RowSchema = {
    // Nothing of the long text becomes a part of a row.
    type: { kind: "struct", fields: [column("b", "int")] },
    deserializer: { kind: "hive", timestampFormats: [] },
  }
  const format: OutputFormat = {
    kind: "parquet",
    options: {
      blockSizeBytes: 1024 * 1024 * 1024,
      pageSizeBytes: 1024 * 1024,
      compression: "SNAPPY",
      enableDictionaryCompression: false,
      maxPaddingBytes: 0,
      writerVersion: "V1",
    },
  }
  const file = converted(records(), recordCount * record.byteLength, schema, format, weighing)
  for await (const chunk of file) assert(chunk.byteLength < 1024 * 1024)
  assert.deepEqual(groupBytes, [68_000_000, 68_000_000, 14_000_000])
})
