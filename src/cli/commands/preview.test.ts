import assert from "node:assert/strict"
import fs from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { Readable } from "node:stream"
import { type TestContext, test } from "node:test"
import { gzipSync } from "node:zlib"
import {
  CreateDeliveryStreamCommand,
  type ExtendedS3DestinationConfiguration,
  type Processor,
  type ProcessorParameterName,
  type ProcessorType,
} from "@aws-sdk/client-firehose"
import { objectsIn } from "../../../test/support/bucket-folder.ts"
import { firehoseClient } from "../../../test/support/firehose.ts"
import { withServer } from "../testing.ts"

const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:shape"

/** A stream that is partitioned by a customer, after a function has seen its records. */
function definition(processors: readonly Processor[], members: Partial<ExtendedS3DestinationConfiguration> = {}) {
  return {
    DeliveryStreamName: "orders",
    ExtendedS3DestinationConfiguration: {
      RoleARN: "arn:aws:iam::000000000000:role/delivery",
      BucketARN: "arn:aws:s3:::orders",
      ProcessingConfiguration: { Enabled: true, Processors: [...processors] },
      ...members,
    },
  }
}

function processor(
  Type: ProcessorType,
  ...parameters: readonly (readonly [name: ProcessorParameterName, value: string])[]
): Processor {
  return { Type, Parameters: parameters.map(([ParameterName, ParameterValue]) => ({ ParameterName, ParameterValue })) }
}

const partitioned = {
  Prefix: "customer=!{partitionKeyFromQuery:customer}/!{firehose:random-string}/",
  ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
  DynamicPartitioningConfiguration: { Enabled: true },
  BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
}

const keys = "[0-9a-f-]{36}"
const moment = String.raw`\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d`

test("A record's way through a stream that exists is shown, and nothing is put, stored or counted", async (t) => {
  const { told, workingFolder, server } = await withServer(t)
  await told("flush earthquakes")
  const buckets = path.join(workingFolder, "hydrant-data", "buckets")
  const before = await fs.readdir(buckets, { recursive: true })
  const counted = async () =>
    (await (await fetch(`${server.adminUrl}/metrics`)).text()).match(/^hydrant_(incoming|deliv).*$/gm)
  const countedBefore = await counted()

  const { code, out, err } = await told(`preview earthquakes --record {"a":1} --record tab\there`)
  assert.deepEqual([code, err], [0, ""])
  const location = String.raw`s3://demo/earthquakes/\d{4}/\d\d/\d\d/earthquakes-1-${moment}-${keys}\.gz`
  assert.match(
    out,
    new RegExp(
      String.raw`^1  \{"a":1\}\n   delivered  ${location}\n   \{"a":1\}\n2  tab\\there\n   delivered  ${location}\n   tab\\there\n$`,
    ),
  )
  const locations = [...out.matchAll(/s3:\S+/g)].map(([one]) => one)
  assert.equal(locations[0], locations[1], "records of one buffer are in one object")

  assert.equal((await told("flush earthquakes")).out, "Nothing was waiting in earthquakes\n")
  assert.deepEqual(await fs.readdir(buckets, { recursive: true }), before)
  assert.deepEqual(await counted(), countedBefore)

  // Also while delivery is paused.
  await told("pause earthquakes")
  const paused = await told("preview earthquakes --json", Readable.from([Buffer.from("one\ntwo\r\n\nthree")]))
  const answer = JSON.parse(paused.out)
  assert.deepEqual(
    answer.records.map(({ outcomes }: { outcomes: { text: string }[] }) => outcomes.map(({ text }) => text)),
    [["one"], ["two"], [""], ["three"]],
  )
})

test("A definition is tried before there is such a stream: partitions, parts, failures, and what a function answers", async (t) => {
  const person = await withServer(t, { functions: `${functionArn}=${await functionFile(t)}` })
  const { told, workingFolder } = person
  const config = path.join(workingFolder, "orders.json")
  const processors = [
    processor("RecordDeAggregation", ["SubRecordType", "JSON"]),
    processor("Lambda", ["LambdaArn", functionArn]),
    processor(
      "MetadataExtraction",
      ["MetadataExtractionQuery", "{customer:.customer}"],
      ["JsonParsingEngine", "JQ-1.6"],
    ),
    processor("AppendDelimiterToRecord"),
  ]
  await fs.writeFile(config, JSON.stringify(definition(processors, partitioned)))
  const sample = path.join(workingFolder, "sample.jsonl")
  await fs.writeFile(
    sample,
    ['{"customer":"a"}{"customer":"b"}', '{"drop":true}', '{"other":1}', '{"fail":true}', "not JSON"].join("\n"),
  )
  const { code, out, err } = await told(`preview --config orders.json --file sample.jsonl --json`)
  assert.deepEqual([code, err], [0, ""])
  const { streamName, records } = JSON.parse(out)
  assert.equal(streamName, "orders")
  const [both, dropped, keyless, failed, notJson] = records.map(({ outcomes }: { outcomes: object[] }) => outcomes)
  for (const [index, customer] of ["a", "b"].entries()) {
    const { location, ...rest } = both[index]
    assert.match(location, new RegExp(`^s3://orders/customer=${customer}/[0-9a-f-]{11}/orders-1-${moment}-${keys}$`))
    assert.deepEqual(rest, {
      kind: "delivered",
      partition: `customer=${customer}/!{firehose:random-string}/`,
      text: `{"customer":"${customer}","seen":true}\n`,
    })
  }
  assert.deepEqual(dropped, [{ kind: "dropped" }])
  assert.equal(keyless.length, 1)
  assert.equal(keyless[0].errorType, "metadata-extraction-failed")
  assert.equal(keyless[0].errorCode, "DynamicPartitioning.MetadataExtractionFailed")
  assert.match(keyless[0].location, /^s3:\/\/orders\/errors\/metadata-extraction-failed\/orders-1-/)
  const { rawData } = JSON.parse(keyless[0].errorRecord)
  assert.equal(Buffer.from(rawData, "base64").toString(), '{"other":1}')
  assert.equal(failed[0].errorCode, "Lambda.ProcessingFailedStatus")
  assert.equal(JSON.parse(failed[0].errorRecord).lambdaARN, `${functionArn}:$LATEST`)
  assert.equal(notJson[0].kind, "failed")

  const shown = await told(`preview --config orders.json --file sample.jsonl`)
  assert.match(shown.out, /^ {3}partition {2}customer=a\/!\{firehose:random-string\}\/$/m)
  assert.match(shown.out, /^2 {2}\{"drop":true\}\n {3}dropped$/m)
  assert.match(
    shown.out,
    /^ {3}processing-failed: Lambda\.ProcessingFailedStatus: ProcessingFailed status set for record$/m,
  )
  assert.equal((await told("streams list --json")).out.includes("orders"), false)
})

test("What a preview shows is what comes of the records when they are put", async (t) => {
  const { told, workingFolder, server } = await withServer(t)
  const processors = [
    processor(
      "RecordDeAggregation",
      ["SubRecordType", "DELIMITED"],
      ["Delimiter", Buffer.from("|").toString("base64")],
    ),
    processor("MetadataExtraction", ["MetadataExtractionQuery", "{customer:.c}"], ["JsonParsingEngine", "JQ-1.6"]),
    processor("AppendDelimiterToRecord"),
  ]
  const prefix = { Prefix: "c=!{partitionKeyFromQuery:customer}/" }
  const given = definition(processors, { ...partitioned, ...prefix })
  await fs.writeFile(path.join(workingFolder, "orders.json"), JSON.stringify(given))
  const lines = ['{"c":"a"}|{"c":1}|{"c":"a","n":2}', '{"c":""}', "[]|{}", "{", '{"c":"é/x"}']
  await fs.writeFile(path.join(workingFolder, "sample"), lines.join("\n"))
  const previewed = await told("preview --config orders.json --file sample --json")
  const expected = new Map<string, string>()
  for (const { outcomes } of JSON.parse(previewed.out).records) {
    for (const { kind, location, text, errorRecord } of outcomes) {
      const folder = path.dirname(location.replace("s3://orders/", ""))
      const content = kind === "delivered" ? text : errorRecord
      expected.set(folder, (expected.get(folder) ?? "") + content)
    }
  }

  const client = firehoseClient(server.apiUrl)
  await client.send(new CreateDeliveryStreamCommand(given))
  client.destroy()
  while (!(await told("streams describe orders")).out.includes("DeliveryStreamStatus: ACTIVE")) {
    await new Promise(setImmediate)
  }
  assert.equal((await told(`put orders ${path.join(workingFolder, "sample")} --no-newline`)).err, "")
  assert.equal((await told("flush orders")).code, 0)
  const bucket = path.join(workingFolder, "hydrant-data", "buckets", "orders")
  const delivered = new Map<string, string>()
  for (const { key, bytes } of await objectsIn(path.join(workingFolder, "hydrant-data"), path.basename(bucket))) {
    delivered.set(path.dirname(key), bytes.toString())
  }
  // Times differ.
  const timeless = (contents: ReadonlyMap<string, string>) =>
    [...contents].map(([folder, text]) => [folder, text.replace(/(Timestamp":)\d+/g, "$1")]).sort()
  assert.deepEqual(timeless(delivered), timeless(expected))
  assert.deepEqual([...expected.keys()].sort(), ["c=1", "c=a", "c=é/x", "errors/metadata-extraction-failed"])
})

test("Records that are no text are given and shown in base64", async (t) => {
  const { told, workingFolder } = await withServer(t)
  await fs.writeFile(path.join(workingFolder, "c.json"), JSON.stringify(definition([processor("Decompression")])))
  const zipped = gzipSync("plain text").toString("base64")
  const noise = Buffer.from([0xff, 0xfe]).toString("base64")
  const { out } = await told(`preview --config c.json --base64 --record ${zipped} --record ${noise} --json`)
  const [unzipped, failed] = JSON.parse(out).records.map(({ outcomes }: { outcomes: object[] }) => outcomes[0])
  assert.equal(unzipped.text, "plain text")
  assert.equal(failed.errorType, "decompression-failed")
  const binary = await told(`preview earthquakes --base64 --record ${noise} --json`)
  assert.equal(JSON.parse(binary.out).records[0].outcomes[0].base64, noise)
  const shown = await told(`preview earthquakes --base64 --record ${noise}`)
  assert.match(shown.out, /^1 {2}base64 \/\/4=\n {3}delivered .*\n {3}base64 {5}\/\/4=\n$/)
})

test("What a function takes too long for is told when the time is over, and the server goes on", async (t) => {
  const { told, workingFolder } = await withServer(t, { functions: `${functionArn}=${await functionFile(t)}` })
  const processors = [processor("Lambda", ["LambdaArn", functionArn])]
  await fs.writeFile(path.join(workingFolder, "c.json"), JSON.stringify(definition(processors)))
  const { code, err } = await told(`preview --config c.json --record {"hang":true} --timeout 0.5`)
  assert.equal(code, 1)
  assert.match(err, /^Error: The records were not processed within 0\.5 seconds\n.*longer timeout-seconds/)
  assert.equal((await told("preview earthquakes --record x")).code, 0)
})

test("What is wrong with a definition is told as AWS tells it", async (t) => {
  const { told, workingFolder } = await withServer(t)
  const tried = async (given: unknown) => {
    await fs.writeFile(path.join(workingFolder, "c.json"), typeof given === "string" ? given : JSON.stringify(given))
    const { code, err } = await told("preview --config c.json --record x")
    assert.equal(code, 1)
    return err
  }
  const wrongBuffer = { BufferingHints: { SizeInMBs: 1000, IntervalInSeconds: 60 } }
  assert.match(
    await tried(definition([], wrongBuffer)),
    /^Error: 1 validation error detected: Value '1000' at .*\(ValidationException\)/,
  )
  assert.match(
    await tried(definition([processor("Lambda")])),
    /^Error: LambdaArn is required when Lambda processor is used\. \(Inv/,
  )
  assert.match(await tried({ ...definition([processor("Decompression")]), Extra: 1 }), /there is no Extra/)
  assert.match(await tried([]), /The body can't be read: configuration/)
  assert.match(await tried("{"), /^Error: "c\.json" is not JSON/)
})

test("What is wrong with a command is told, and what to do", async (t) => {
  const { told, workingFolder } = await withServer(t)
  await fs.writeFile(path.join(workingFolder, "many"), "x\n".repeat(501))
  await fs.writeFile(path.join(workingFolder, "large"), `${"x".repeat(1_000_000)}\n`.repeat(5))
  await fs.writeFile(path.join(workingFolder, "empty"), "")
  for (const [args, error] of [
    ["", /^Error: It is not said which stream/],
    ["earthquakes --config x", /^Error: Both a stream and --config are given/],
    ["earthquakes --file a --record b", /^Error: Both --file and --record are given/],
    ["earthquakes --file none", /^Error: Cannot read "none": there is no such file/],
    ["earthquakes --file empty", /^Error: There is no record to preview/],
    ["earthquakes --file many", /^Error: A preview takes 500 records and 4\.0 MiB at most/],
    ["earthquakes --file large", /^Error: A preview takes 500 records and 4\.0 MiB at most/],
    ["earthquakes --record % --base64", /^Error: Record 1 is not base64/],
    ["none --record x", /^Error: There is no delivery stream "none"/],
  ] as const) {
    const { code, err } = await told(`preview ${args}`.trim())
    assert.equal(code, 1, args)
    assert.match(err, error)
  }
})

/** A function that adds a member, drops, fails or hangs, as its records say. */
async function functionFile(t: TestContext): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-function-"))
  t.after(() => fs.rm(folder, { recursive: true }))
  const file = path.join(folder, "shape.mjs")
  await fs.writeFile(
    file,
    `export async function handler({ records }) {
  return {
    records: await Promise.all(records.map(async ({ recordId, data }) => {
      const text = Buffer.from(data, "base64").toString()
      if (!text.startsWith("{")) return { recordId, result: "Ok", data }
      const value = JSON.parse(text)
      if (value.hang) await new Promise((resolve) => setTimeout(resolve, 3_600_000))
      if (value.drop) return { recordId, result: "Dropped", data }
      if (value.fail) return { recordId, result: "ProcessingFailed", data }
      return { recordId, result: "Ok", data: Buffer.from(JSON.stringify({ ...value, seen: true })).toString("base64") }
    })),
  }
}
`,
  )
  return file
}
