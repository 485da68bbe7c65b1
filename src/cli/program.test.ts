import assert from "node:assert/strict"
import fs from "node:fs/promises"
import path from "node:path"
import { PassThrough, Readable } from "node:stream"
import { test } from "node:test"
import { gunzipSync } from "node:zlib"
import { settings } from "../config/index.ts"
import { regionFunction } from "./demo/streams.ts"
import { loadSettings } from "./local-server.ts"
import { listener, sitDown, withServer } from "./testing.ts"

/** The content of every object of the demo's bucket, in the order of their modification. */
async function objects(workingFolder: string): Promise<string[]> {
  const folder = path.join(workingFolder, "hydrant-data", "buckets", "demo")
  const names = await fs.readdir(folder, { recursive: true })
  const files = names.filter((name) => name.endsWith(".gz")).map((name) => path.join(folder, name))
  const dated = await Promise.all(files.map(async (file) => ({ file, ms: (await fs.stat(file)).mtimeMs })))
  dated.sort((one, other) => one.ms - other.ms)
  return Promise.all(dated.map(async ({ file }) => gunzipSync(await fs.readFile(file)).toString()))
}

test("The demo starts a server where it is asked for, delivers every earthquake, and shows the objects", async (context) => {
  const { told, workingFolder, env } = await sitDown(context)
  const { code, out, err } = await told("demo --exit")
  assert.deepEqual([code, err], [0, ""])
  assert.ok(out.includes(`✓ Started a server at ${env["AWS_ENDPOINT_URL_FIREHOSE"]}\n`), out)
  assert.match(out, /^✓ Put 1,707 earthquakes \(1\.2 MiB\) in /m)
  assert.match(out, /^ {2}hydrant-data\/buckets\/demo\/earthquakes\/\d{4}\/\d\d\/\d\d\/earthquakes-1-.*\.gz$/m)
  assert.match(out, /^ {2}\{"type":"Feature","properties":\{.*…$/m)
  assert.match(out, /^✓ Delivered 1,673 records in 25 partitions$/m)
  assert.match(out, /^ {2}region=nevada\/magnitude=micro +250 +\d+\.\d KiB$/m)
  assert.match(out, /^ {2}17 more +262 +\d+\.\d KiB$/m)
  assert.match(out, /^ {2}\{"magnitude":6[.\d]*,"place":".*…$/m)
  assert.match(out, /^ {2}6 records failed, and are kept whole, /m)
  assert.match(out, /^ {4}errorCode: "Lambda\.ProcessingFailedStatus"$/m)
  assert.match(out, /^ {4}--endpoint-url http:\/\/127\.0\.0\.1:\d+ \\$/m)
  assert.equal(out.includes("\u001b"), false, "no colours where nobody sees them")
  const lines = (await objects(workingFolder)).flatMap((text) => text.trimEnd().split("\n"))
  assert.equal(new Set(lines.map((line) => JSON.parse(line).id)).size, 1707)

  const again = await told("demo --exit")
  assert.deepEqual([again.code, again.err], [0, ""])
  assert.match(again.out, /^✓ The delivery stream earthquakes-by-region is there already$/m)
  assert.match(again.out, /^✓ Delivered 1,673 records in 25 partitions$/m)
})

test("Each partition of the demo's function and query holds its earthquakes, as lines of JSON", async (context) => {
  const { told, workingFolder } = await sitDown(context)
  assert.equal((await told("demo --exit")).code, 0)
  const partitions = path.join(workingFolder, "hydrant-data", "buckets", "demo", "by-region")
  const folder = path.join(partitions, "region=alaska", "magnitude=light")
  const [name = "", ...others] = await fs.readdir(folder)
  assert.deepEqual(others, [])
  const lines = (await fs.readFile(path.join(folder, name), "utf8")).split("\n")
  assert.equal(lines.pop(), "", "a delimiter at the end")
  const earthquakes = lines.map((line) => JSON.parse(line))
  assert.ok(earthquakes.every(({ magnitude, id }) => magnitude >= 4 && magnitude < 5 && id.startsWith("ak")))
  assert.ok(earthquakes.length > 0)
})

test("The demo leaves its server up until it is interrupted", async (context) => {
  const { type } = await sitDown(context)
  const { stdout, interrupt, result } = type("demo")
  let out = ""
  for await (const text of stdout.iterator({ destroyOnReturn: false })) {
    out += text
    if (out.includes("Ctrl-C stops it")) break
  }
  const url = /a server at (\S+)/.exec(out)?.[1] ?? ""
  // Unsigned and without a target: refused, and so answered.
  assert.equal((await fetch(url, { method: "POST" })).ok, false)
  interrupt()
  assert.equal((await result).code, 0)
  await assert.rejects(fetch(url, { method: "POST" }))
})

test("The demo uses a server that is up already, and says so again when it is run again", async (context) => {
  const { told } = await withServer(context)
  const { code, out } = await told("demo")
  assert.equal(code, 0)
  assert.match(out, /^✓ A server was up already at /m)
  assert.match(out, /^✓ The delivery stream earthquakes is there already$/m)
  assert.match(out, /^Left out: a stream with a function and partitions\. .*\nThe Lambda function was not found: /m)
  assert.match(
    out,
    /^ {2}--functions arn:aws:lambda:us-east-1:000000000000:function:earthquake-region=\/.*region-function\.js$/m,
  )
})

test("The demo shows partitions also where the server that is up was told of the function", async (context) => {
  const functions = `${regionFunction.arn}=${regionFunction.file}`
  const { told } = await withServer(context, { functions })
  const { code, out } = await told("demo")
  assert.equal(code, 0)
  assert.match(out, /^✓ The delivery stream earthquakes-by-region is there already$/m)
  assert.match(out, /^✓ Delivered 1,673 records in 25 partitions$/m)
})

test("Lines of standard input are put as records, and flush delivers them", async (context) => {
  const { told, workingFolder } = await withServer(context)
  const text = Array.from({ length: 1_200 }, (_, index) => `line ${index}\n`).join("")
  const put = await told("put earthquakes --in-flight 1", Readable.from([Buffer.from(text)]))
  assert.equal(put.err, "")
  assert.match(put.out, /^Stored 1,200 records \(10\.6 KiB\) in earthquakes: 3 requests, /)
  const flush = await told("flush earthquakes")
  assert.match(flush.out, /^s3:\/\/demo\/earthquakes\/\S+ {2}1,200 records, 10\.6 KiB\n$/)
  assert.equal((await objects(workingFolder)).at(-1), text)
  assert.equal((await told("flush earthquakes")).out, "Nothing was waiting in earthquakes\n")
})

test("A line that trickles out of a pipe is put before the next one comes", async (context) => {
  const { type, told } = await withServer(context)
  const stdin = new PassThrough()
  const { interrupt, result } = type("put earthquakes", stdin)
  stdin.write("first\n")
  while (!(await told("streams list --json")).out.includes('"backlogRecords":1,')) {
    await new Promise(setImmediate)
  }
  interrupt()
  const { code, out } = await result
  assert.equal(code, 130)
  assert.match(out, /^Stored 1 record \(6 bytes\) in earthquakes/)
})

test("A file is put without its newlines on request, with a summary in JSON", async (context) => {
  const { told, workingFolder } = await withServer(context)
  const file = path.join(workingFolder, "lines.txt")
  await fs.writeFile(file, "a\r\nb")
  const { code, out } = await told(`put earthquakes ${file} --no-newline --json`)
  assert.equal(code, 0)
  const { streamName, recordCount, sizeBytes, complete } = JSON.parse(out)
  assert.deepEqual(
    { streamName, recordCount, sizeBytes, complete },
    {
      streamName: "earthquakes",
      recordCount: 2,
      sizeBytes: 2,
      complete: true,
    },
  )
  await told("flush earthquakes")
  assert.equal((await objects(workingFolder)).at(-1), "ab")
})

test("A line that is too long is told by its number, and those before it are stored", async (context) => {
  const { told } = await withServer(context)
  const { code, out, err } = await told(
    "put earthquakes",
    Readable.from([Buffer.from("ok\n"), Buffer.alloc(1_024_001)]),
  )
  assert.equal(code, 1)
  assert.match(out, /^Stored 1 record /)
  assert.match(err, /^Error: Line 2 is longer than 1024000 bytes/)
})

test("Streams are listed, described and deleted", async (context) => {
  const { told } = await withServer(context)
  assert.match((await told("streams list")).out, /^STREAM .*\nearthquakes +ACTIVE +s3 +0 /)
  assert.match((await told("streams describe earthquakes")).out, /^DeliveryStreamName: earthquakes\n/)
  const json = JSON.parse((await told("streams describe earthquakes --json")).out)
  assert.equal(json.DeliveryStreamStatus, "ACTIVE")

  const unconfirmed = await told("streams delete earthquakes")
  assert.deepEqual([unconfirmed.code, unconfirmed.err], [1, "Error: Nobody is there to confirm this\nAdd --yes\n"])
  assert.equal((await told("streams delete earthquakes --yes")).out, "Deleted earthquakes\n")
  assert.equal((await told("streams list")).out, "There are no delivery streams\n")
})

test("A paused stream keeps what is put, until it is resumed", async (context) => {
  const { told, workingFolder } = await withServer(context)
  assert.equal((await told("pause earthquakes")).code, 0)
  assert.match((await told("streams list")).out, /earthquakes +ACTIVE +paused/)
  assert.equal((await told("put earthquakes", Readable.from([Buffer.from("kept\n")]))).code, 0)
  const refused = await told("flush earthquakes")
  assert.equal(refused.code, 1)
  assert.match(refused.err, /delivery is paused\nResume it first: hydrant resume earthquakes/)
  assert.equal((await told("resume earthquakes")).code, 0)
  assert.equal((await told("flush earthquakes")).code, 0)
  assert.equal((await objects(workingFolder)).at(-1), "kept\n")
})

test("Commands say what to do when no server answers", async (context) => {
  const { told } = await sitDown(context)
  for (const command of ["flush s", "pause s", "resume s", "streams list"]) {
    const { code, err } = await told(command)
    assert.equal(code, 1, command)
    assert.match(err, /^Error: No answer from Hydrant's admin side at .*: nothing listens there\nStart the server/)
  }
  for (const command of ["put s", "streams describe s"]) {
    const { code, err } = await told(command, Readable.from([Buffer.from("line\n")]))
    assert.equal(code, 1, command)
    assert.match(err, /^Error: Cannot .*: no answer from .*, nothing listens there\nStart the server/)
  }
})

test("The server runs until it is interrupted, and logs in JSON where nobody watches", async (context) => {
  const { type } = await sitDown(context)
  const { stdout, interrupt, result } = type("serve")
  const messages: string[] = []
  for await (const text of stdout.iterator({ destroyOnReturn: false })) {
    messages.push(...String(text).trimEnd().split("\n"))
    if (messages.some((line) => JSON.parse(line).api !== undefined)) break
  }
  interrupt()
  assert.deepEqual([(await result).code, (await result).err], [0, ""])
})

test("What keeps a server from starting is one sentence and what to do, without a stack", async (context) => {
  const { told, given } = await withServer(context)
  const { server, port } = await listener()
  context.after(() => server.close())
  const other = `--data-folder ${given.dataFolder}-other`
  const file = `${given.dataFolder}-file`
  await fs.writeFile(file, "")
  for (const { flags, expected } of [
    { flags: "", expected: /^Error: Cannot start the server: another server uses the data folder .* --data-folder\n$/ },
    {
      flags: `${other} --listen-port ${port}`,
      expected: /^Error: Cannot listen on 127\.0\.0\.1 port \d+ for the API: another program .*\n.* --listen-port\n$/,
    },
    {
      flags: `${other} --admin-listen-port ${port}`,
      expected: /^Error: Cannot listen on .* for the admin side: another program .*\n.* --admin-listen-port\n$/,
    },
    { flags: `--data-folder ${file}`, expected: /^Error: Cannot use the data folder: .*\n.* --data-folder\n$/ },
    { flags: "--listen-port x", expected: /^Error: Cannot set listen-port to "x" .*\n.* --help .*\n$/ },
    {
      flags: "--listen-address 0.0.0.0",
      expected: /^Error: Cannot listen on listen-address .* without credentials.*\n.*\n$/,
    },
    { flags: "--config nothing.yaml", expected: /^Error: Cannot read the settings file "nothing\.yaml": .*\n$/ },
  ]) {
    const { code, err } = await told(`serve ${flags}`.trimEnd())
    assert.equal(code, 1, flags)
    assert.match(err, expected)
  }
})

test("A settings file sets what no flag and no variable sets", async (context) => {
  const { type, workingFolder, env } = await sitDown(context)
  await fs.writeFile(path.join(workingFolder, "hydrant.yaml"), "retention-hours: 7\naccount-id: 123456789012\n")
  env["HYDRANT_ACCOUNT_ID"] = "999999999999"
  const { world } = type("--version")
  const { retentionHours, accountId } = await loadSettings(world, { flags: {}, settingsFile: undefined })
  assert.deepEqual([retentionHours, accountId], [7, "999999999999"])
})

test("--verbose shows where a failure comes from", async (context) => {
  const { told } = await sitDown(context)
  const { err } = await told("flush s --verbose")
  assert.match(err, /\n {4}at /)
  assert.match(err, /Caused by:/)
})

test("Wrong arguments are answered with what is wrong, and help with everything", async (context) => {
  const { told } = await sitDown(context)
  const unknown = await told("streamz")
  assert.equal(unknown.code, 1)
  assert.match(unknown.err, /^Error: unknown command 'streamz'/)
  const inFlight = await told("put s --in-flight 0")
  assert.match(inFlight.err, /^Error: .*It must be a whole number from 1 to 64\.\nAdd --help/)
  const version = await told("--version")
  assert.deepEqual([version.code, version.out], [0, "1.2.3\n"])
  const help = await told("serve --help")
  assert.equal(help.code, 0)
  for (const { name, variables } of Object.values(settings)) {
    assert.ok(help.out.includes(`--${name}`), name)
    for (const variable of variables) assert.ok(help.out.replace(/\s+/g, " ").includes(variable), variable)
  }
})
