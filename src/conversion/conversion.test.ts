import assert from "node:assert/strict"
import { test } from "node:test"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { until } from "../../test/support/until.ts"
import { parseHiveType } from "../formats/index.ts"
import { latestVersion, type Table } from "../tables/index.ts"
import { openConversion } from "./conversion.ts"
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
