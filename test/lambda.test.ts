/** The real process with functions as modules: what they do to records, and what they can't do to the server. */
import assert from "node:assert/strict"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { createServer, type Socket } from "node:net"
import path from "node:path"
import { test } from "node:test"
import { PutRecordBatchCommand } from "@aws-sdk/client-firehose"
import { objectsIn } from "./support/bucket-folder.ts"
import { askAdmin, createStream, describe, firehoseClient, flush } from "./support/firehose.ts"
import { Stage } from "./support/running-server.ts"
import { until } from "./support/until.ts"

const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`

/** Runs functions, given as the modules' sources by their names, each for a stream of its name. */
async function serve(
  t: Parameters<typeof Stage.open>[0],
  sources: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
) {
  const stage = await Stage.open(t)
  const names = Object.keys(sources)
  for (const name of names) await writeFile(path.join(stage.folder, `${name}.mjs`), sources[name] ?? "")
  const functions = names.map((name) => `  ${arnOf(name)}: ./${name}.mjs`)
  const others = Object.entries(more).map(([name, value]) => `${name}: ${value}`)
  const server = await stage.start({ settingsFile: ["functions:", ...functions, ...others].join("\n") })
  const client = firehoseClient(server.apiUrl)
  t.after(() => client.destroy())
  for (const name of names) {
    await createStream(client, name, {
      ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [
          {
            Type: "Lambda",
            Parameters: [
              { ParameterName: "LambdaArn", ParameterValue: arnOf(name) },
              { ParameterName: "NumberOfRetries", ParameterValue: "1" },
            ],
          },
        ],
      },
    })
  }
  const put = (stream: string, records: readonly string[]) =>
    client.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: stream,
        Records: records.map((record) => ({ Data: Buffer.from(record) })),
      }),
    )
  return { stage, server, client, put }
}

const upperCase = `export const handler = async ({ records }) => ({
  records: records.map(({ recordId, data }) => {
    const text = Buffer.from(data, "base64").toString()
    if (text === "drop") return { recordId, result: "Dropped" }
    if (text === "fail") return { recordId, result: "ProcessingFailed" }
    return { recordId, result: "Ok", data: Buffer.from(text.toUpperCase()).toString("base64") }
  }),
})`

test("Records are delivered as the function of their stream made them, and those that it fails as they were put", async (t) => {
  const { stage, server, client, put } = await serve(t, { orders: upperCase })
  const { Destinations: [destination] = [] } = await describe(client, "orders")
  const [processor] = destination?.ExtendedS3DestinationDescription?.ProcessingConfiguration?.Processors ?? []
  assert.deepEqual(
    processor?.Parameters?.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]),
    [
      ["LambdaArn", arnOf("orders")],
      ["NumberOfRetries", "1"],
      ["RoleArn", "arn:aws:iam::000000000000:role/delivery"],
      ["BufferSizeInMBs", "1"],
      ["BufferIntervalInSeconds", "60"],
    ],
  )
  await put("orders", ["a", "drop", "b", "fail", "c"])
  await flush(server.adminUrl, ["orders"])
  const objects = await objectsIn(stage.dataFolder, "orders")
  const failed = objects.find(({ key }) => key.startsWith("errors/processing-failed/"))
  assert.deepEqual(
    objects.filter((one) => one !== failed).map(({ bytes }) => bytes.toString()),
    ["ABC"],
  )
  const line: Readonly<Record<string, unknown>> = JSON.parse(failed?.bytes.toString() ?? "")
  assert.equal(line["errorCode"], "Lambda.ProcessingFailedStatus")
  assert.equal(line["rawData"], Buffer.from("fail").toString("base64"))
  assert.ok(Object.values(line).includes(`${arnOf("orders")}:$LATEST`))
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text()
  assert.match(metrics, /hydrant_succeed_processing_records_total\{delivery_stream="orders"\} 4\n/)
})

test("Functions that hang, exit and leak hold up neither other streams nor the end of the server", async (t) => {
  const { stage, server, put } = await serve(
    t,
    {
      good: upperCase,
      hangs:
        "export const handler = async () => { console.log('it begins'); await new Promise(setImmediate); for (;;); }",
      exits: "export const handler = () => process.exit(1)",
      leaks:
        "export const handler = () => { const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length)) }",
    },
    { "shutdown-seconds": "1" },
  )
  for (const stream of ["hangs", "exits", "leaks", "good"]) await put(stream, ["x"])
  // Nobody waits for the answers: they are on their way while the others are flushed.
  const flushed = ["hangs", "leaks"].map((stream) =>
    askAdmin(server.adminUrl, "POST", `/streams/${stream}/flush?timeout-seconds=1`),
  )
  await flush(server.adminUrl, ["good", "exits"])
  assert.deepEqual(
    (await objectsIn(stage.dataFolder, "good")).map(({ bytes }) => bytes.toString()),
    ["X"],
  )
  const [failed] = await objectsIn(stage.dataFolder, "exits")
  assert.match(failed?.bytes.toString() ?? "", /"Lambda\.FunctionError"/)
  await Promise.all(flushed)
  await flush(server.adminUrl, ["leaks"])
  const [leaked] = await objectsIn(stage.dataFolder, "leaks")
  assert.match(leaked?.bytes.toString() ?? "", /"Lambda\.FunctionError"/)
  await until(() => server.process.output.includes("it begins"))
  assert.equal((await server.process.end("SIGTERM")).status, 0)
})

test("Functions that have V8 abort their process, or kill it, do not end the server", async (t) => {
  const sources = {
    map: "const map = new Map(); for (;;) map.set(map.size, {})",
    fill: "const kept = []; for (;;) kept.push(new Array(3e7).fill(1.5))",
    split: 'const kept = []; for (;;) kept.push("x,".repeat(2e7).split(","))',
    kills: "process.kill(process.pid, 'SIGKILL')",
  }
  const modules = Object.entries(sources).map(([name, source]) => [name, `export const handler = () => { ${source} }`])
  const { stage, server, put } = await serve(t, { ...Object.fromEntries(modules), good: upperCase })
  for (const stream of Object.keys(sources)) {
    await put(stream, ["x"])
    await flush(server.adminUrl, [stream])
    const [failed] = await objectsIn(stage.dataFolder, stream)
    assert.match(failed?.bytes.toString() ?? "", /"Lambda\.FunctionError"/, stream)
  }
  await put("good", ["x"])
  await flush(server.adminUrl, ["good"])
  assert.deepEqual(
    (await objectsIn(stage.dataFolder, "good")).map(({ bytes }) => bytes.toString()),
    ["X"],
  )
})

test("A function that loops ends with a server that is killed", async (t) => {
  const listener = createServer().listen(0, "127.0.0.1")
  await once(listener, "listening")
  t.after(() => listener.close())
  const address = listener.address()
  assert.ok(typeof address === "object" && address !== null)
  const connected: Promise<Socket[]> = once(listener, "connection")
  const { server, put } = await serve(t, {
    loops: `import { connect } from "node:net"
      export const handler = () => { connect(${address.port}, "127.0.0.1", () => { for (;;); }); return new Promise(() => {}) }`,
  })
  await put("loops", ["x"])
  const flushed = askAdmin(server.adminUrl, "POST", "/streams/loops/flush?timeout-seconds=120")
  flushed.catch(() => {})
  const [socket] = await connected
  assert.ok(socket)
  const closed = once(
    socket.on("error", () => {}),
    "close",
  )
  await server.process.end("SIGKILL")
  await assert.rejects(flushed)
  await closed
})
