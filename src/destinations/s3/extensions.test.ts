import assert from "node:assert/strict"
import { test } from "node:test"
import { conversionWorldWith } from "../../conversion/testing.ts"
import { systemRandom } from "../../platform/index.ts"
import { worldWith } from "../../processors/testing.ts"
import { type JsonObject, readShape } from "../../shapes/index.ts"
import { hereAndNow } from "../../workers/index.ts"
import type { Batch, Extensions } from "../destination.ts"
import { memoryObjectStore } from "../memory-object-store.ts"
import { s3 } from "./index.ts"

const none = new Set<never>()
const required = { RoleARN: "arn:aws:iam::123456789012:role/delivery", BucketARN: "arn:aws:s3:::bucket" }

/** What is stored of a configuration; the message when it is refused. */
function configure(given: object, extensions: Extensions): JsonObject | string {
  const view = s3(extensions).views.find(({ configurationMember }) => configurationMember.startsWith("Extended"))
  assert.ok(view)
  const read = readShape(view.configuration, { ...required, ...given })
  assert.ok(read.kind === "read")
  const outcome = view.create(read.value)
  return outcome.kind === "valid" ? outcome.stored : outcome.message
}

/** The content of the object that two records become. */
async function contentOf(given: object, extensions: Extensions, facts: Partial<Batch> = {}): Promise<string> {
  const stored = configure(given, none)
  assert.ok(typeof stored !== "string")
  const objects = memoryObjectStore()
  const world = {
    objects,
    random: systemRandom,
    workers: hereAndNow,
    processors: worldWith(),
    ...conversionWorldWith(),
  }
  const destination = s3(extensions).open(stored, world)
  const batch: Batch = {
    purpose: "delivery",
    output: { kind: "data" },
    streamName: "clicks",
    streamVersion: 1,
    oldestArrivalMs: 0,
    recordCount: 3,
    sizeBytes: 7,
    async *bytes() {
      yield Buffer.from("{}[1]2")
    },
    async *records() {
      yield { lengths: Uint32Array.of(2, 3), data: Buffer.from("{}[1]") }
      yield { lengths: Uint32Array.of(1), data: Buffer.from("2") }
    },
    ...facts,
  }
  await destination.deliver(destination.decide(batch), batch, new AbortController().signal)
  return [...objects.objects.values()].map(({ content }) => Buffer.from(content).toString()).join("|")
}

test("small-partitions: dynamic partitioning takes small buffers, and none without it", () => {
  const given = {
    Prefix: "!{partitionKeyFromLambda:k}/",
    ErrorOutputPrefix: "!{firehose:error-output-type}/",
    DynamicPartitioningConfiguration: { Enabled: true },
    ProcessingConfiguration: {
      Enabled: true,
      Processors: [
        {
          Type: "Lambda",
          Parameters: [
            { ParameterName: "LambdaArn", ParameterValue: "arn:aws:lambda:us-east-1:123456789012:function:f" },
          ],
        },
      ],
    },
    BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
  }
  assert.match(String(configure(given, none)), /at least 64 when Dynamic Partitioning is enabled/)
  assert.equal(typeof configure(given, new Set(["small-partitions"] as const)), "object")
})

test("iana-time-zones: any of IANA's zones is taken, and none but AWS's without it", () => {
  const given = { CustomTimeZone: "Asia/Kolkata" }
  assert.match(String(configure(given, none)), /custom time zone is not supported/)
  const extensions = new Set(["iana-time-zones"] as const)
  for (const CustomTimeZone of [
    "Asia/Kolkata",
    "America/Port-au-Prince",
    "Etc/GMT+5",
    "America/Argentina/Buenos_Aires",
  ]) {
    const stored = configure({ CustomTimeZone }, extensions)
    assert.ok(typeof stored !== "string", String(stored))
    // Also where the setting is taken away.
    for (const view of s3(none).views.slice(1)) assert.equal(view.describe(stored)["CustomTimeZone"], CustomTimeZone)
  }
})

test("json-array: objects with .json are an array of their records; others are as they were", async () => {
  const extensions = new Set(["json-array"] as const)
  assert.equal(await contentOf({ FileExtension: ".json" }, extensions), "[{},[1],2]\n")
  assert.equal(await contentOf({ FileExtension: ".json.txt" }, extensions), "[{},[1],2]\n")
  assert.equal(await contentOf({ FileExtension: ".jsonl" }, extensions), "{}[1]2")
  assert.equal(await contentOf({}, extensions), "{}[1]2")
  assert.equal(await contentOf({ FileExtension: ".json" }, none), "{}[1]2")
  const failed = { output: { kind: "failed", type: "processing-failed" } } as const
  assert.equal(await contentOf({ FileExtension: ".json" }, extensions, failed), "{}[1]2")
})

test("backup-delimiter: a backup has its records in lines, and nothing else does", async () => {
  const extensions = new Set(["backup-delimiter"] as const)
  assert.equal(await contentOf({}, extensions, { purpose: "backup" }), "{}\n[1]\n2\n")
  assert.equal(await contentOf({}, extensions), "{}[1]2")
  assert.equal(await contentOf({}, none, { purpose: "backup" }), "{}[1]2")
})
