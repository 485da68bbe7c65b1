/** The real process with streams that convert JSON to Parquet and ORC: what is in the files, and what becomes of what can't be. */
import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { test } from "node:test"
import {
  type ExtendedS3DestinationConfiguration,
  type FirehoseClient,
  PutRecordBatchCommand,
  StartDeliveryStreamEncryptionCommand,
  UpdateDestinationCommand,
} from "@aws-sdk/client-firehose"
import { objectsIn } from "./support/bucket-folder.ts"
import { queryFiles } from "./support/duckdb.ts"
import { askAdmin, createStream, describe, firehoseClient, flush } from "./support/firehose.ts"
import { filesThatHold } from "./support/in-the-clear.ts"
import { readOrc } from "./support/orc/read-orc.ts"
import { type ServerOptions, Stage } from "./support/running-server.ts"
import { until } from "./support/until.ts"

const roleArn = "arn:aws:iam::000000000000:role/delivery"

function converted(
  table: string,
  serializer: NonNullable<
    NonNullable<
      NonNullable<ExtendedS3DestinationConfiguration["DataFormatConversionConfiguration"]>["OutputFormatConfiguration"]
    >["Serializer"]
  > = { ParquetSerDe: {} },
): Partial<ExtendedS3DestinationConfiguration> {
  return {
    Prefix: "rows/",
    ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
    DataFormatConversionConfiguration: {
      SchemaConfiguration: { RoleARN: roleArn, DatabaseName: "lake", TableName: table, Region: "us-east-1" },
      InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
      OutputFormatConfiguration: { Serializer: serializer },
    },
  }
}

/** A server whose tables are files of a folder, which a test may change. */
async function serve(t: Parameters<typeof Stage.open>[0], options: ServerOptions = {}) {
  const stage = await Stage.open(t)
  const tablesFolder = path.join(stage.folder, "tables")
  await mkdir(path.join(tablesFolder, "lake"), { recursive: true })
  const tableFile = (table: string) => path.join(tablesFolder, "lake", `${table}.json`)
  const declare = (table: string, columns: Readonly<Record<string, string>>) =>
    writeFile(tableFile(table), JSON.stringify({ columns }))
  await declare("orders", {
    id: "bigint",
    customer: "string",
    price: "decimal(10,2)",
    at: "timestamp",
    lines: "array<struct<sku:string,count:int>>",
    labels: "map<string,string>",
  })
  const flags = ["--tables-folder", "tables", ...(options.flags ?? [])]
  const server = await stage.start({ ...options, flags })
  const client = firehoseClient(server.apiUrl)
  t.after(() => client.destroy())
  const filesOf = async (stream: string, extension: string) =>
    (await objectsIn(stage.dataFolder, stream))
      .filter(({ key }) => key.endsWith(extension))
      .map(({ key }) => path.join(stage.dataFolder, "buckets", stream, key))
  return { stage, server, client, declare, tableFile, filesOf, flags }
}

async function put(client: FirehoseClient, stream: string, records: readonly string[]): Promise<void> {
  const { FailedPutCount } = await client.send(
    new PutRecordBatchCommand({
      DeliveryStreamName: stream,
      Records: records.map((record) => ({ Data: Buffer.from(record) })),
    }),
  )
  assert.equal(FailedPutCount, 0)
}

const orders = [
  '{"id":1,"customer":"Ada","price":12.5,"at":"2026-11-28T10:00:00Z","lines":[{"sku":"a","count":2},{"sku":"b"}]}',
  '{"ID":"9007199254740993","Customer":"Zoë 😀","price":"0.07","at":1764324000,"labels":{"color":"red"},"more":true}\n',
  '{"id":3,"customer":null}{"id":4}',
]
const bad = ['{"id":"oops"}', "not json", '{"id":5,"lines":[{"count":"many"}]}']

test("Good records are rows of Parquet, bad ones are error records, each by itself", async (t) => {
  const { stage, server, client, filesOf } = await serve(t)
  await createStream(client, "orders", converted("orders"))
  await put(client, "orders", [
    orders[0] ?? "",
    bad[0] ?? "",
    orders[1] ?? "",
    bad[1] ?? "",
    orders[2] ?? "",
    bad[2] ?? "",
  ])
  await flush(server.adminUrl, ["orders"])

  const [file, ...others] = await filesOf("orders", ".parquet")
  assert(file !== undefined && others.length === 0)
  assert.match(file, /\/rows\/\d{4}\/\d\d\/\d\d\/\d\d\/orders-1-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f-]{36}\.parquet$/)
  const columns = `id, customer, price, "at"::VARCHAR, to_json(lines), to_json(labels)`
  const rows = await queryFiles([file], `SELECT ${columns} FROM FILES`)
  assert.deepEqual(rows, [
    ["1", "Ada", "12.50", "2026-11-28 10:00:00", '[{"sku":"a","count":2},{"sku":"b","count":null}]', null],
    ["9007199254740993", "Zoë 😀", "0.07", "2025-11-28 10:00:00", null, '{"color":"red"}'],
    ["3", null, null, null, null, null],
    ["4", null, null, null, null, null],
  ])

  const objects = await objectsIn(stage.dataFolder, "orders")
  const errors = objects.filter(({ key }) => key.startsWith("errors/format-conversion-failed/"))
  assert.equal(objects.length, 1 + errors.length)
  const lines = errors.flatMap(({ bytes }) => bytes.toString().trimEnd().split("\n")).map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ lastErrorCode, rawData }) => [lastErrorCode, Buffer.from(rawData, "base64").toString()]),
    [
      ["DataFormatConversion.MalformedData", bad[0]],
      ["DataFormatConversion.ParseError", bad[1]],
      ["DataFormatConversion.MalformedData", bad[2]],
    ],
  )
  const [first, second] = lines
  assert.deepEqual(Object.keys(first), [
    "attemptsMade",
    "arrivalTimestamp",
    "lastErrorCode",
    "lastErrorMessage",
    "attemptEndingTimestamp",
    "rawData",
    "sequenceNumber",
    "subSequenceNumber",
    "dataCatalogTable",
  ])
  assert.equal(first.lastErrorMessage, 'Data does not match the schema. For input string: "oops"')
  assert.match(second.lastErrorMessage, /^Encountered malformed JSON\. /)
  assert.match(first.sequenceNumber, /^\d{56}$/)
  assert.deepEqual(first.dataCatalogTable, {
    catalogId: "000000000000",
    databaseName: "lake",
    tableName: "orders",
    region: "us-east-1",
    versionId: "LATEST",
    roleArn,
  })
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text()
  assert.match(metrics, /^hydrant_succeed_conversion_records_total\{delivery_stream="orders"\} 3$/m)
  assert.match(metrics, /^hydrant_failed_conversion_records_total\{delivery_stream="orders"\} 3$/m)
})

test("The same records are rows of ORC", async (t) => {
  const { server, client, filesOf } = await serve(t)
  await createStream(client, "orders", converted("orders", { OrcSerDe: { BloomFilterColumns: ["customer"] } }))
  await put(client, "orders", orders)
  await flush(server.adminUrl, ["orders"])
  const [file = "", ...others] = await filesOf("orders", ".orc")
  assert.equal(others.length, 0)
  const { rows } = readOrc(await readFile(file))
  assert.equal(rows.length, 4)
  assert.deepEqual(rows[1], [
    9007199254740993n,
    "Zoë 😀",
    { unscaled: 7n, scale: 2 },
    { seconds: 1764324000, nanoseconds: 0 },
    null,
    [["color", "red"]],
  ])
})

test("A table that changes is seen in the next file; records of before are rows of the table of then", async (t) => {
  const { server, client, declare, filesOf } = await serve(t)
  await createStream(client, "orders", converted("orders"))
  await put(client, "orders", ['{"id":1,"customer":"Ada","note":"unseen"}'])
  // Checked by the first form of the table, and not delivered yet.
  await until(async () =>
    /succeed_conversion_records_total\S* 1$/m.test(await (await fetch(`${server.adminUrl}/metrics`)).text()),
  )
  await declare("orders", { note: "string", id: "string" })
  await put(client, "orders", ['{"id":2,"customer":"Bob","note":"seen"}'])
  await flush(server.adminUrl, ["orders"])
  const files = await filesOf("orders", ".parquet")
  assert.equal(files.length, 2, "rows of two tables are never in one file")
  const rows = await queryFiles(files, "SELECT id::VARCHAR, customer, note FROM FILES ORDER BY id")
  assert.deepEqual(rows, [
    ["1", "Ada", null],
    ["2", null, "seen"],
  ])
})

test("While a table is missing or unusable nothing is lost, and what is wrong is said", async (t) => {
  const { stage, server, client, declare, tableFile, filesOf, flags } = await serve(t)
  const log = { Enabled: true, LogGroupName: "failures", LogStreamName: "orders" }
  await createStream(client, "orders", { ...converted("orders"), CloudWatchLoggingOptions: log })
  await assert.rejects(createStream(client, "others", converted("nothing")), (error: Error) => {
    assert.equal(error.name, "InvalidArgumentException")
    assert.match(error.message, /EntityNotFoundException/)
    return true
  })
  await rm(tableFile("orders"))
  await put(client, "orders", ['{"id":1}'])
  await until(() => server.process.output.includes("Records can't be processed now"))
  await declare("orders", { id: "a type" })
  await until(() => server.process.output.includes("a type"))
  const { status } = await askAdmin(server.adminUrl, "POST", "/streams/orders/flush?timeout-seconds=1")
  assert.equal(status, 504)
  await server.process.end("SIGKILL")

  await declare("orders", { id: "bigint" })
  const again = await stage.start({ flags })
  await flush(again.adminUrl, ["orders"])
  assert.deepEqual(await queryFiles(await filesOf("orders", ".parquet"), "SELECT id FROM FILES"), [["1"]])
  const told = await readFile(path.join(stage.dataFolder, "error-logs", "failures", "orders.jsonl"), "utf8").catch(
    () => "",
  )
  assert.match(told, /DataFormatConversion\.EntityNotFound/)
})

test("Conversion is turned off and on by updates, and each record is delivered once, in one form", async (t) => {
  const { stage, server, client, filesOf } = await serve(t)
  await createStream(client, "orders", converted("orders"))
  const update = async (enabled: boolean) => {
    const { VersionId, Destinations: [destination] = [] } = await describe(client, "orders")
    await client.send(
      new UpdateDestinationCommand({
        DeliveryStreamName: "orders",
        CurrentDeliveryStreamVersionId: VersionId,
        DestinationId: destination?.DestinationId,
        ExtendedS3DestinationUpdate: { DataFormatConversionConfiguration: { Enabled: enabled } },
      }),
    )
  }
  await put(client, "orders", ['{"id":1}\n'])
  await flush(server.adminUrl, ["orders"])
  await update(false)
  await put(client, "orders", ['{"id":2}\n'])
  await flush(server.adminUrl, ["orders"])
  await update(true)
  await put(client, "orders", ['{"id":3}\n'])
  await flush(server.adminUrl, ["orders"])
  const rows = await queryFiles(await filesOf("orders", ".parquet"), "SELECT id FROM FILES ORDER BY id")
  assert.deepEqual(rows, [["1"], ["3"]])
  const plain = (await objectsIn(stage.dataFolder, "orders")).filter(({ key }) => !key.endsWith(".parquet"))
  assert.deepEqual(
    plain.map(({ bytes }) => bytes.toString()),
    ['{"id":2}\n'],
  )
})

test("Partitions, a delimiter and conversion go together", async (t) => {
  const { server, client, filesOf } = await serve(t)
  await createStream(client, "orders", {
    ...converted("orders"),
    Prefix: "customer=!{partitionKeyFromQuery:customer}/",
    BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
    DynamicPartitioningConfiguration: { Enabled: true },
    ProcessingConfiguration: {
      Enabled: true,
      Processors: [
        {
          Type: "MetadataExtraction",
          Parameters: [
            { ParameterName: "MetadataExtractionQuery", ParameterValue: "{customer: .customer}" },
            { ParameterName: "JsonParsingEngine", ParameterValue: "JQ-1.6" },
          ],
        },
        { Type: "AppendDelimiterToRecord" },
      ],
    },
  })
  await put(client, "orders", ['{"id":1,"customer":"a"}', '{"id":2,"customer":"b"}', '{"id":3,"customer":"a"}'])
  await flush(server.adminUrl, ["orders"])
  const files = await filesOf("orders", ".parquet")
  assert.equal(files.length, 2)
  const ofA = files.filter((file) => file.includes("/customer=a/"))
  assert.deepEqual(await queryFiles(ofA, "SELECT id FROM FILES ORDER BY id"), [["1"], ["3"]])
})

test("Of an encrypted stream nothing is in the clear on the way to its Parquet", async (t) => {
  const { stage, server, client, filesOf } = await serve(t)
  await createStream(client, "orders", converted("orders"))
  await client.send(
    new StartDeliveryStreamEncryptionCommand({
      DeliveryStreamName: "orders",
      DeliveryStreamEncryptionConfigurationInput: { KeyType: "AWS_OWNED_CMK" },
    }),
  )
  await until(
    async () => (await describe(client, "orders")).DeliveryStreamEncryptionConfiguration?.Status === "ENABLED",
  )
  await put(client, "orders", ['{"id":1,"customer":"SECRET"}', '{"id":2,"customer":"SECRET"'])
  await until(async () =>
    /conversion_records_total\S* 1$/m.test(await (await fetch(`${server.adminUrl}/metrics`)).text()),
  )
  assert.deepEqual(await filesThatHold(stage.folder, /SECRET/), [])
  await flush(server.adminUrl, ["orders"])
  const [[customer] = []] = await queryFiles(await filesOf("orders", ".parquet"), "SELECT customer FROM FILES")
  assert.equal(customer, "SECRET")
  const buckets = path.join(stage.dataFolder, "buckets")
  assert.deepEqual(await filesThatHold(stage.folder, /SECRET/, buckets), [])
})

/** What support/dying-workers.ts knows, and what is told of it. */
const deaths = [
  { dieBy: "heap", reason: /JS heap out of memory/ },
  { dieBy: "exit", reason: /A worker thread exited with code 3/ },
  { dieBy: "terminate", reason: /A worker thread exited with code 1/ },
] as const

test("A thread that dies while it converts costs an attempt: all is delivered once, and by the next thread", async (t) => {
  const preload = new URL("support/dying-workers.js", import.meta.url).href
  const { stage, server, client, declare, filesOf } = await serve(t, {
    // A heap that is soon full.
    environment: { NODE_OPTIONS: `--import ${preload} --max-old-space-size=128` },
    flags: ["--worker-threads", "1"],
  })
  await declare("texts", { id: "int", text: "string" })
  const serializer = { OrcSerDe: { StripeSizeBytes: 8 * 1024 * 1024, Compression: "ZLIB" } } as const
  await createStream(client, "texts", converted("texts", serializer))
  const notDelivered = () =>
    server.process.output
      .split("\n")
      .filter((line) => line.includes("Not delivered; will be tried again"))
      .map((line): { readonly code: string; readonly reason: string } => JSON.parse(line))

  let lastId = 0
  const ids: number[] = []
  for (const [index, { dieBy, reason }] of deaths.entries()) {
    // Two stripes, and bytes that take as much space when they are deflated.
    for (let call = 0; call < 3; call++) {
      const rows = Array.from({ length: 4 }, () => ({ id: ++lastId, text: randomBytes(600_000).toString("base64") }))
      ids.push(...rows.map(({ id }) => id))
      await put(
        client,
        "texts",
        rows.map((row) => JSON.stringify(row)),
      )
    }
    await writeFile(path.join(stage.folder, "die-by"), dieBy)
    await flush(server.adminUrl, ["texts"])

    const files = await filesOf("texts", ".orc")
    assert.equal(files.length, index + 1, `one object more after ${dieBy}`)
    const delivered = (await Promise.all(files.map((file) => readFile(file)))).flatMap((file) => readOrc(file).rows)
    const byNumber = (one: number, other: number) => one - other
    assert.deepEqual(delivered.map(([id]) => Number(id)).sort(byNumber), ids)
    const failures = notDelivered()
    assert.equal(failures.length, index + 1, `one attempt failed by ${dieBy}`)
    assert.equal(failures[index]?.code, "InternalError")
    assert.match(failures[index]?.reason ?? "", reason)
    const deathsTold = server.process.output.split("A worker thread came to an end").length - 1
    assert.equal(deathsTold, index + 1)
  }
  assert.equal((await objectsIn(stage.dataFolder, "texts")).length, deaths.length)
  assert.deepEqual(await readdir(path.join(stage.dataFolder, "buckets", ".incoming~")), [])
})
