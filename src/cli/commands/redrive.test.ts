import assert from "node:assert/strict"
import fs from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { gunzipSync } from "node:zlib"
import { S3Double } from "../../../test/s3-double/index.ts"
import { compression } from "../../formats/index.ts"
import { createFolderStore, type ObjectStore, openS3Store } from "../../objects/index.ts"
import { lockFolder, systemDisk, systemRandom } from "../../platform/index.ts"
import { hereAndNow } from "../../workers/index.ts"
import { withServer } from "../testing.ts"

type CompressionName = Parameters<typeof compression>[0]

const going = new AbortController().signal

/** A line as AWS writes it for a record that a function failed on. */
function errorLine(text: string, members: Readonly<Record<string, unknown>> = {}): string {
  const rawData = Buffer.from(text).toString("base64")
  const times = { arrivalTimestamp: Date.parse("2026-11-20"), attemptEndingTimestamp: Date.parse("2026-11-21") }
  return `${JSON.stringify({ rawData, errorCode: "Lambda.FunctionError", attemptsMade: 4, ...times, ...members })}\n`
}

/** A server, its bucket "errors" in its data folder, and a look at what came out of the stream "earthquakes". */
async function setUp(t: TestContext) {
  const served = await withServer(t)
  const { env, workingFolder, told } = served
  env["HOME"] = workingFolder
  const dataFolder = path.join(workingFolder, "hydrant-data")
  const store = await createFolderStore({
    disk: systemDisk,
    folder: path.join(dataFolder, "buckets"),
    random: systemRandom,
  })
  // What the demo put is delivered; from here on a look gives what was put since.
  await told("flush earthquakes")
  const seen = new Set(await deliveredFiles(dataFolder))
  const delivered = async () => {
    await told("flush earthquakes")
    const fresh = (await deliveredFiles(dataFolder)).filter((file) => !seen.has(file))
    for (const file of fresh) seen.add(file)
    const contents = await Promise.all(fresh.map(async (file) => gunzipSync(await fs.readFile(file)).toString()))
    return contents.join("")
  }
  const redrive = async (flags: string) => {
    const { code, out, err } = await told(`redrive earthquakes ${flags} --json`)
    return { code, err, summary: out === "" ? undefined : JSON.parse(out) }
  }
  return { ...served, store, delivered, redrive, dataFolder }
}

async function deliveredFiles(dataFolder: string): Promise<string[]> {
  const folder = path.join(dataFolder, "buckets", "demo")
  const names = await fs.readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith(".gz")).map((name) => path.join(folder, name))
}

async function put(store: ObjectStore, key: string, text: string, name: CompressionName = "UNCOMPRESSED") {
  const { compress, contentEncoding } = compression(name)
  const outcome = await store.put(
    {
      bucket: "errors",
      key,
      contentType: "application/octet-stream",
      ...(contentEncoding !== undefined && { contentEncoding }),
      encryption: { kind: "bucket-default" },
      body: () => compress(inOne(text), { entryName: "entry", workers: hereAndNow }),
    },
    going,
  )
  assert.equal(outcome.kind, "stored")
}

async function* inOne(text: string) {
  yield Buffer.from(text)
}

test("Error objects of every compression are put back once, by their bytes, and new ones the next time", async (t) => {
  const { store, redrive, delivered, told } = await setUp(t)
  const names = ["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"] as const
  for (const name of names) {
    await put(
      store,
      `failed/processing-failed/2026/11/28/20/${name}`,
      errorLine(`one ${name}\n`) + errorLine(`two ${name}\n`),
      name,
    )
  }
  const expected = [...names].sort().map((name) => `one ${name}\ntwo ${name}\n`)

  const dry = await redrive("s3://errors/failed/ --dry-run")
  assert.deepEqual([dry.code, dry.err], [0, ""])
  assert.deepEqual([dry.summary.recordCount, dry.summary.objectCount, dry.summary.requestCount], [10, 5, 0])
  assert.equal(await delivered(), "")

  const first = await redrive("s3://errors/failed/")
  assert.deepEqual([first.code, first.err], [0, ""])
  assert.deepEqual([first.summary.recordCount, first.summary.putBeforeCount, first.summary.complete], [10, 0, true])
  assert.deepEqual(first.summary.byError, [
    {
      errorType: "processing-failed",
      errorCode: "Lambda.FunctionError",
      recordCount: 10,
      sizeBytes: expected.join("").length,
    },
  ])
  assert.equal(await delivered(), expected.join(""))

  await put(store, "failed/splunk-failed/new", errorLine("new\n", { errorCode: "Splunk.AckTimeout" }))
  const second = await redrive("s3://errors/failed/")
  assert.deepEqual([second.summary.recordCount, second.summary.putBeforeCount], [1, 10])
  assert.equal(second.summary.byError[0].errorType, "splunk-failed")
  assert.equal(await delivered(), "new\n")

  const shown = await told("redrive earthquakes s3://errors/")
  assert.equal(shown.code, 0)
  assert.match(shown.out, /^Put 0 records \(0 bytes\) of 0 objects into earthquakes: /m)
  assert.match(shown.out, /^11 records had been put before$/m)
  assert.equal(await delivered(), "")
})

test("Records are put back from a store of the S3 protocol, from a folder and from a file", async (t) => {
  const { env, told, workingFolder, delivered, redrive } = await setUp(t)
  const double = await S3Double.start({ buckets: ["errors"] })
  t.after(() => double.close())
  const { endpoint, region, credentials } = double
  const store = await openS3Store({
    ...{ endpoint, region, credentials, forcePathStyle: true, requestChecksumCalculation: "WHEN_SUPPORTED" },
    ...{ connectTimeoutMs: 5_000, requestTimeoutMs: 5_000 },
  })
  await put(store, "a/processing-failed/x", errorLine("from S3\n"), "Snappy")
  await put(store, "b/processing-failed/x", errorLine("not asked for\n"))
  env["AWS_ACCESS_KEY_ID"] = credentials.accessKeyId
  env["AWS_SECRET_ACCESS_KEY"] = credentials.secretAccessKey
  // The client of S3 finds credentials where all AWS clients do: in the environment of the process.
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
    const before = process.env[name]
    process.env[name] = env[name]
    t.after(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
  for (const count of [1, 0]) {
    const { code, summary, err } = await redrive(`s3://errors/a/ --s3-endpoint ${endpoint}`)
    assert.deepEqual([code, err, summary.recordCount], [0, "", count])
  }
  assert.equal(await delivered(), "from S3\n")
  await store.close()

  const folder = path.join(workingFolder, "downloaded", "processing-failed")
  await fs.mkdir(folder, { recursive: true })
  await fs.writeFile(path.join(folder, "1"), errorLine("first\n"))
  await fs.writeFile(path.join(folder, "2"), errorLine("second\n"))
  assert.equal((await redrive("downloaded/processing-failed/2")).summary.byError[0].errorType, "processing-failed")
  assert.equal(await delivered(), "second\n")
  const rest = await redrive("downloaded")
  assert.deepEqual([rest.summary.recordCount, rest.summary.putBeforeCount], [1, 1])
  assert.equal(await delivered(), "first\n")
  const shown = await told("redrive earthquakes downloaded --dry-run --state elsewhere")
  assert.match(shown.out, /^ERROR TYPE +ERROR CODE +RECORDS +SIZE$/m)
  assert.match(shown.out, /^processing-failed +Lambda\.FunctionError +2 +13 bytes$/m)
  assert.match(shown.out, /^Would put 2 records \(13 bytes\) of 2 objects into earthquakes$/m)
  await assert.rejects(fs.stat(path.join(workingFolder, "elsewhere")), /ENOENT/)
})

test("Only what is asked for is put: by type, by code, by time; the rest can be had later", async (t) => {
  const { store, redrive, delivered } = await setUp(t)
  await put(
    store,
    "processing-failed/x",
    [
      errorLine("error\n"),
      errorLine("timed out\n", { errorCode: "Lambda.FunctionTimedOut" }),
      errorLine("later\n", { attemptEndingTimestamp: Date.parse("2026-11-25T12:00:00Z") }),
      errorLine("timeless\n", { attemptEndingTimestamp: undefined, arrivalTimestamp: undefined }),
    ].join(""),
  )
  await put(store, "decompression-failed/x", errorLine("compressed\n", { errorCode: "Decompression.Failed" }))

  assert.equal((await redrive("s3://errors/ --error-type decompression-failed")).summary.recordCount, 1)
  assert.equal(await delivered(), "compressed\n")
  const codes = "--error-code Lambda.FunctionTimedOut --error-code Other"
  const byCode = await redrive(`s3://errors/ ${codes}`)
  assert.deepEqual([byCode.code, byCode.summary.recordCount, byCode.summary.leftOutCount], [0, 1, 3])
  assert.equal(await delivered(), "timed out\n")
  const byTime = await redrive("s3://errors/ --since 2026-11-25T12:00:00 --until 2026-11-26")
  assert.equal(byTime.code, 1)
  assert.deepEqual([byTime.summary.recordCount, byTime.summary.leftOutCount], [1, 1])
  assert.match(byTime.summary.problems[0].problem, /does not tell its time/)
  assert.equal(await delivered(), "later\n")
  const rest = await redrive("s3://errors/")
  assert.deepEqual([rest.code, rest.summary.recordCount, rest.summary.putBeforeCount], [0, 2, 3])
  assert.equal(await delivered(), "error\ntimeless\n")
})

test("What can't be put is told with its object and line, the rest is put, and the status says so", async (t) => {
  const { store, redrive, told, delivered, dataFolder } = await setUp(t)
  await put(
    store,
    "a/processing-failed/x",
    `${errorLine("good\n")}not JSON\n\n{"rawData":"%"}\n{}\n${errorLine("good too\n")}`,
  )
  await put(store, "b/errors/manifests/2026/11/28/20/m", '{"entries":[{"url":"s3://b/k"}]}')
  await put(store, "c/x", errorLine("cut short\n".repeat(1_000)), "GZIP")
  const cut = path.join(dataFolder, "buckets", "errors", "c", "x")
  await fs.truncate(cut, (await fs.stat(cut)).size - 5)
  await put(store, "d/x", errorLine("last\n"))

  const { code, out, err } = await told("redrive earthquakes s3://errors/")
  assert.equal(code, 1)
  const bucket = path.join(await fs.realpath(dataFolder), "buckets", "errors")
  const [line2, line4, line5, manifest, truncated, ...rest] = err.split("\n")
  assert.equal(line2, `${bucket}/a/processing-failed/x, line 2: it is not a JSON object`)
  assert.equal(line4, `${bucket}/a/processing-failed/x, line 4: its rawData is not base64`)
  assert.equal(line5, `${bucket}/a/processing-failed/x, line 5: it has no rawData: it is not an error record`)
  assert.match(manifest ?? "", /m: it is a Redshift manifest: it lists objects that COPY skipped, and holds no records/)
  assert.match(truncated ?? "", /^\S+\/c\/x: it can't be decompressed: unexpected end of file/)
  assert.deepEqual(rest, [
    "Error: 5 lines or objects can't be put back",
    "Everything else is dealt with; what is mended is taken the next time",
    "",
  ])
  assert.match(out, /^Put \d records \(\S+ \S+\) of \d objects into earthquakes/m)
  assert.match(await delivered(), /^good\ngood too\n(cut short\n)*last\n$/)

  // A line that was put is never put again; that its object changed is told.
  await put(store, "d/x", errorLine("last\n") + errorLine("one more\n"))
  const again = await redrive("s3://errors/d/")
  assert.deepEqual([again.code, again.summary.recordCount, again.summary.problemCount], [1, 0, 1])
  assert.match(again.summary.problems[0].problem, /changed since 1 of its lines were put/)
  // What nothing was put of may change: it is read anew.
  await put(store, "c/x", errorLine("whole now\n"))
  assert.equal((await redrive("s3://errors/c/")).summary.recordCount <= 1, true)
})

test("Many records go in batches, and a run that is interrupted is gone on with", async (t) => {
  const { store, redrive, type, delivered } = await setUp(t)
  const texts = Array.from({ length: 20_000 }, (_, index) => `record ${index}\n`)
  await put(store, "processing-failed/x", texts.map((text) => errorLine(text)).join(""), "GZIP")
  const { interrupt, result, world } = type("redrive earthquakes s3://errors/ --json")
  const state = path.join(world.workingFolder, ".local", "state", "hydrant", "redrive")
  for (;;) {
    const [folder = ""] = await fs.readdir(state).catch(() => [])
    const notes = await fs.readFile(path.join(state, folder, "put.jsonl"), "utf8").catch(() => "")
    if (notes.split("\n").length > 5) break
  }
  interrupt()
  const { code, out } = await result
  assert.equal(code, 130)
  const first = JSON.parse(out)
  assert.equal(first.complete, false)
  assert.ok(first.recordCount >= 1_500 && first.recordCount < 20_000)
  const second = await redrive("s3://errors/")
  assert.equal(second.summary.recordCount, 20_000 - first.recordCount)
  assert.equal(await delivered(), texts.join(""))
})

test("Two runs into a stream at a time are refused, and so are notes of another stream", async (t) => {
  const { store, told, env, workingFolder } = await setUp(t)
  await put(store, "processing-failed/x", errorLine("one\n"))
  const notes = path.join(workingFolder, "notes")
  await fs.mkdir(notes)
  const lock = await lockFolder(notes)
  assert.ok(lock !== "taken")
  const second = await told("redrive earthquakes s3://errors/ --state notes")
  assert.match(second.err, /^Error: Another redrive into this stream is running: it notes what it puts in ".*notes"/)
  await lock.release()
  assert.equal((await told("redrive earthquakes s3://errors/ --state notes")).code, 0)

  assert.equal((await told("streams delete earthquakes --yes")).code, 0)
  assert.equal((await told("demo --exit")).code, 0)
  const other = await told("redrive earthquakes s3://errors/ --state notes")
  assert.match(other.err, /says what was put into another stream: arn:aws:firehose:\S+earthquakes, made at 20/)

  delete env["HOME"]
  assert.match(
    (await told("redrive earthquakes s3://errors/")).err,
    /There is no home folder .*\nGive a folder with --state/,
  )
})

test("What is wrong with a command is told before anything is read", async (t) => {
  const { told, env } = await setUp(t)
  for (const [args, error] of [
    ["earthquakes nowhere", /^Error: Cannot read "nowhere": there is no such file or folder/],
    [
      "earthquakes s3://none/x",
      /^Error: Cannot read bucket "none": there is no such file or folder .*\n.*--s3-endpoint/,
    ],
    ["earthquakes gs://bucket/x", /^Error: "gs:\/\/bucket\/x" is not the place of error objects/],
    ["none .", /^Error: Cannot put records into "none": .*\nhydrant streams list/],
    ["earthquakes . --since yesterday", /It must be a time such as/],
    ["earthquakes . --error-type wrong", /It must be one of processing-failed, /],
  ] as const) {
    const { code, err } = await told(`redrive ${args}`)
    assert.equal(code, 1, args)
    assert.match(err, error)
  }
  env["AWS_ENDPOINT_URL_FIREHOSE"] = "http://127.0.0.1:1"
  assert.match((await told("redrive earthquakes .")).err, /no answer from .*, nothing listens there/)
})
