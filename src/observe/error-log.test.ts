import assert from "node:assert/strict"
import fs from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { type Clock, type Disk, systemDisk } from "../platform/index.ts"
import { createErrorLog, type ErrorLogEntry } from "./error-log.ts"

const target = { group: "/aws/kinesisfirehose/orders", stream: "DestinationDelivery" }
const entry: ErrorLogEntry = {
  deliveryStreamARN: "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders",
  destination: "arn:aws:s3:::bucket",
  deliveryStreamVersionId: 3,
  message: "There is no bucket of this name",
  errorCode: "S3.NoSuchBucket",
}

async function setUp({ disk = systemDisk, fileBytesMax = 1_000_000 }: { disk?: Disk; fileBytesMax?: number } = {}) {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-error-log-"))
  const time = { ms: 0 }
  const clock: Clock = { now: () => time.ms, elapsed: () => time.ms, sleep: () => Promise.resolve() }
  const warnings: unknown[] = []
  const logger = { warn: (fields: unknown) => void warnings.push(fields) }
  const log = createErrorLog({ disk, folder, clock, logger, fileBytesMax })
  const file = path.join(folder, "%2Faws%2Fkinesisfirehose%2Forders", "DestinationDelivery.jsonl")
  return { folder, file, time, warnings, log }
}

async function entriesIn(file: string): Promise<ErrorLogEntry[]> {
  const text = await fs.readFile(file, "utf8")
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test("An entry is a line of JSON in AWS's form, with the time", async () => {
  const { file, log, time } = await setUp()
  time.ms = Date.UTC(2026, 0, 2, 3, 4, 5)
  log.write(target, entry)
  log.write(target, { ...entry, errorCode: "Lambda.FunctionError", processor: "arn:aws:lambda:f" })
  await log.close()
  const timestamp = "2026-01-02T03:04:05.000Z"
  assert.deepEqual(await entriesIn(file), [
    { timestamp, ...entry },
    { timestamp, ...entry, errorCode: "Lambda.FunctionError", processor: "arn:aws:lambda:f" },
  ])
})

test("A later life of the program appends to the same file", async () => {
  const { file, folder, log } = await setUp()
  log.write(target, entry)
  await log.close()
  const clock: Clock = { now: () => 0, elapsed: () => 0, sleep: () => Promise.resolve() }
  const next = createErrorLog({ disk: systemDisk, folder, clock, logger: { warn: assert.fail } })
  next.write(target, { ...entry, message: "second" })
  await next.close()
  assert.deepEqual(
    (await entriesIn(file)).map(({ message }) => message),
    [entry.message, "second"],
  )
})

test("A group that climbs out of the folder stays in it", async () => {
  const { folder, log } = await setUp()
  log.write({ group: "../..", stream: "../../escaped" }, entry)
  await log.close()
  assert.deepEqual(await fs.readdir(folder, { recursive: true }), ["%2E.%2F..", "%2E.%2F../%2E.%2F..%2Fescaped.jsonl"])
})

test("Of a flood of one error only samples are written, and a rare one among them is not lost", async () => {
  const { file, log, time } = await setUp()
  for (let index = 0; index < 10_000; index++) log.write(target, entry)
  log.write(target, { ...entry, errorCode: "S3.AccessDenied" })
  time.ms = 60_000
  log.write(target, { ...entry, message: "a minute later" })
  await log.close()
  const written = await entriesIn(file)
  assert.equal(written.length, 22)
  assert.equal(written.at(-2)?.errorCode, "S3.AccessDenied")
  assert.equal(written.at(-1)?.message, "a minute later")
})

test("Many different errors in a minute are bounded too", async () => {
  const { file, log } = await setUp()
  for (let index = 0; index < 1_000; index++) log.write(target, { ...entry, errorCode: `Code${index}` })
  await log.close()
  assert.equal((await entriesIn(file)).length, 200)
})

test("A file over its limit is put aside, and only one older file is kept", async () => {
  const { file, log, time } = await setUp({ fileBytesMax: 500 })
  // One at a time: lines that wait together are written together.
  for (let index = 0; index < 5; index++) {
    time.ms += 60_000
    log.write(target, { ...entry, message: `failure ${index}` })
    while ((await fs.readFile(file, "utf8").catch(() => "")).includes(`failure ${index}`) === false) {
      await new Promise(setImmediate)
    }
  }
  await log.close()
  assert.deepEqual(await fs.readdir(path.dirname(file)), [path.basename(file), `${path.basename(file)}.old`])
  assert.deepEqual(
    [...(await entriesIn(`${file}.old`)), ...(await entriesIn(file))].map(({ message }) => message),
    ["failure 2", "failure 3", "failure 4"],
  )
  assert.ok((await fs.stat(`${file}.old`)).size <= 500)
})

test("A disk that fails is told once, until it works again", async () => {
  let failing = true
  const disk: Disk = {
    ...systemDisk,
    open: (name, mode) => (failing ? Promise.reject(new Error("disk full")) : systemDisk.open(name, mode)),
  }
  const { file, warnings, log } = await setUp({ disk })
  const settled = async () => {
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  }
  log.write(target, entry)
  await settled()
  log.write(target, entry)
  await settled()
  assert.equal(warnings.length, 1)
  failing = false
  log.write(target, { ...entry, message: "works again" })
  await log.close()
  assert.deepEqual(
    (await entriesIn(file)).map(({ message }) => message),
    ["works again"],
  )
})

test("A message of any length takes a bounded line", async () => {
  const { file, log } = await setUp()
  log.write(target, { ...entry, message: "x".repeat(1_000_000) })
  await log.close()
  assert.equal((await entriesIn(file))[0]?.message.length, 8_192)
})

test("What comes after close is left out", async () => {
  const { folder, log } = await setUp()
  await log.close()
  log.write(target, entry)
  await log.close()
  assert.deepEqual(await fs.readdir(folder), [])
})
