import assert from "node:assert/strict"
import { test } from "node:test"
import { gunzipSync } from "node:zlib"
import { asRowSchemaId } from "../../conversion/index.ts"
import { conversionWorldWith } from "../../conversion/testing.ts"
import type { Random } from "../../platform/index.ts"
import { chunkOf, worldWith } from "../../processors/testing.ts"
import { type JsonObject, readShape, validationMessage } from "../../shapes/index.ts"
import { hereAndNow } from "../../workers/index.ts"
import { destinationContract } from "../destination.contract.ts"
import type { Batch, Configured, DestinationView } from "../destination.ts"
import { memoryObjectStore } from "../memory-object-store.ts"
import { s3 as s3With } from "./index.ts"

const s3 = s3With(new Set())
const legacy = viewDescribedAs("S3DestinationDescription")
const extended = viewDescribedAs("ExtendedS3DestinationDescription")

const required = { RoleARN: "arn:aws:iam::123456789012:role/delivery", BucketARN: "arn:aws:s3:::landing.zone-1" }
const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

/** What Terraform sends when hardly anything is set: spec/clients.md, section 5. */
const terraform = {
  ...required,
  Prefix: "",
  BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 5 },
  CompressionFormat: "UNCOMPRESSED",
  EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
  CloudWatchLoggingOptions: { Enabled: false, LogGroupName: "", LogStreamName: "" },
  ProcessingConfiguration: { Enabled: false, Processors: [] },
  S3BackupMode: "Disabled",
  DataFormatConversionConfiguration: { Enabled: false },
  FileExtension: "",
  CustomTimeZone: "UTC",
}

const full = {
  ...required,
  Prefix: "clicks/!{timestamp:yyyy/MM/dd}/!{firehose:random-string}/",
  ErrorOutputPrefix: "failed/!{firehose:error-output-type}/",
  BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 128 },
  CompressionFormat: "ZIP",
  EncryptionConfiguration: { KMSEncryptionConfig: { AWSKMSKeyARN: kmsKeyArn } },
  CloudWatchLoggingOptions: { Enabled: true, LogGroupName: "/aws/kinesisfirehose/clicks", LogStreamName: "Delivery" },
}

destinationContract({
  kind: s3,
  configurations: {
    S3DestinationConfiguration: [required, full],
    ExtendedS3DestinationConfiguration: [
      required,
      terraform,
      full,
      ...["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"].map((CompressionFormat) => ({
        ...required,
        CompressionFormat,
        FileExtension: ".json.z",
        CustomTimeZone: "Asia/Katmandu",
        DynamicPartitioningConfiguration: { Enabled: false, RetryOptions: { DurationInSeconds: 10 } },
      })),
    ],
  },
  makeWorld() {
    const objects = memoryObjectStore()
    return {
      world: {
        objects,
        random: countingRandom(),
        workers: hereAndNow,
        processors: worldWith(),
        ...conversionWorldWith(),
      },
      arrived: () => new Map(objects.objects),
      fail: ({ mayBeDelivered }) =>
        objects.failWith({
          kind: "later",
          mayBeStored: mayBeDelivered,
          code: "S3.InternalError",
          message: "Try again",
        }),
    }
  },
})

test("the smallest destination is described as AWS was recorded to", () => {
  const stored = requireValid(extended.create(read(extended, "configuration", required)))
  const s3Members = {
    ...required,
    BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 5 },
    CompressionFormat: "UNCOMPRESSED",
    EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
    CloudWatchLoggingOptions: { Enabled: false },
  }
  assert.deepEqual(extended.describe(stored), { ...s3Members, S3BackupMode: "Disabled" })
  assert.deepEqual(legacy.describe(stored), s3Members)
})

test("what Terraform always sends is described as it was sent", () => {
  const stored = requireValid(extended.create(read(extended, "configuration", terraform)))
  assert.deepEqual(extended.describe(stored), terraform)
})

test("an update replaces the members that it gives, each as a whole, and shows in both views", () => {
  const stored = requireValid(extended.create(read(extended, "configuration", { ...full, FileExtension: ".log" })))
  const cases = [
    { update: { EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" } } },
    { update: { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 }, CompressionFormat: "GZIP" } },
    { update: { Prefix: "", ErrorOutputPrefix: "" } },
    { update: { CloudWatchLoggingOptions: { Enabled: false } } },
    { update: { BucketARN: "arn:aws:s3:::other", RoleARN: "arn:aws:iam::123456789012:role/other" } },
  ]
  for (const { update } of cases) {
    for (const view of s3.views) {
      const merged = requireValid(view.merge(stored, read(view, "update", update)))
      for (const shown of s3.views) {
        assert.deepEqual(shown.describe(merged), { ...shown.describe(stored), ...update })
      }
    }
  }
})

test("an update can change the members that only the extended view has", () => {
  const stored = requireValid(extended.create(read(extended, "configuration", terraform)))
  const update = {
    ProcessingConfiguration: { Enabled: false, Processors: [{ Type: "AppendDelimiterToRecord" }] },
    FileExtension: ".jsonl",
    CustomTimeZone: "Europe/Kiev",
  }
  const merged = requireValid(extended.merge(stored, read(extended, "update", update)))
  assert.deepEqual(extended.describe(merged), { ...terraform, ...update })
})

test("rules between members are told in the service's words", () => {
  const wrapped = (text: string) => `Ths supplied prefix(es) do not satisfy the following constraint: ${text}`
  const cases: readonly (readonly [JsonObject, string])[] = [
    [
      { BufferingHints: { SizeInMBs: 5 } },
      "Both SizeInMBs and IntervalInSeconds are required to configure BufferingHints",
    ],
    [
      { BufferingHints: { IntervalInSeconds: 60 } },
      "Both SizeInMBs and IntervalInSeconds are required to configure BufferingHints",
    ],
    [
      { CloudWatchLoggingOptions: { Enabled: true } },
      "CloudWatch Log Group Name is required if CloudWatch Logging is enabled",
    ],
    [
      { CloudWatchLoggingOptions: { Enabled: true, LogGroupName: "g", LogStreamName: "" } },
      "CloudWatch Log Stream Name is required if CloudWatch Logging is enabled",
    ],
    [
      {
        EncryptionConfiguration: {
          NoEncryptionConfig: "NoEncryption",
          KMSEncryptionConfig: { AWSKMSKeyARN: kmsKeyArn },
        },
      },
      "EncryptionConfiguration must hold NoEncryptionConfig or KMSEncryptionConfig, not both",
    ],
    [
      { Prefix: "!{timestamp:yyyy}/" },
      wrapped("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"),
    ],
    [
      { Prefix: "!{timestamp:b}/", ErrorOutputPrefix: "x" },
      wrapped("Invalid conversion character used in the value of the expression in Prefix"),
    ],
  ]
  const stored = requireValid(legacy.create(read(legacy, "configuration", required)))
  for (const view of s3.views) {
    for (const [members, message] of cases) {
      const invalid = { kind: "invalid", message }
      assert.deepEqual(view.create(read(view, "configuration", { ...required, ...members })), invalid)
      assert.deepEqual(view.merge(stored, read(view, "update", members)), invalid)
    }
  }
  assert.deepEqual(extended.create(read(extended, "configuration", { ...required, CustomTimeZone: "Asia/Kolkata" })), {
    kind: "invalid",
    message:
      "Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time zones.",
  })
})

test("an update of a conversion keeps the members that it does not give, its switch too", () => {
  const given = { ...required, DataFormatConversionConfiguration: { Enabled: false, InputFormatConfiguration: {} } }
  const stored = requireValid(extended.create(read(extended, "configuration", given)))
  const update = { DataFormatConversionConfiguration: { OutputFormatConfiguration: {} } }
  const updated = requireValid(extended.merge(stored, read(extended, "update", update)))
  assert.deepEqual(updated["DataFormatConversionConfiguration"], {
    Enabled: false,
    InputFormatConfiguration: {},
    OutputFormatConfiguration: {},
  })
})

test("an update that leaves a broken pair of members is refused", () => {
  const stored = requireValid(extended.create(read(extended, "configuration", full)))
  assert.equal(extended.merge(stored, read(extended, "update", { ErrorOutputPrefix: "" })).kind, "invalid")
})

test("limits of members are told in the service's words", () => {
  const path = "extendedS3DestinationConfiguration"
  const outcome = readShape(extended.configuration, { ...required, CompressionFormat: "gzip", FileExtension: "GZ" })
  assert.ok(outcome.kind === "refused")
  assert.equal(
    validationMessage(outcome.problems).replaceAll("at '", `at '${path}.`),
    "2 validation errors detected: " +
      `Value 'gzip' at '${path}.compressionFormat' failed to satisfy constraint: ` +
      "Member must satisfy enum value set: [ZIP, HADOOP_SNAPPY, Snappy, GZIP, UNCOMPRESSED]; " +
      `Value 'GZ' at '${path}.fileExtension' failed to satisfy constraint: ` +
      "Member must satisfy regular expression pattern: ^(|\\.[0-9a-z!\\-_.*'()]+)$",
  )
})

/**
 * Each member of the two configurations and updates: `acted` with a value that changes what is delivered, when, or where
 * failures are told; `refused` with values that are refused by name; or `informational` with the reason.
 */
const members: Readonly<Record<string, Treatment>> = {
  RoleARN: { kind: "informational", why: "Hydrant uses its own credentials; clients read the role back" },
  BucketARN: { kind: "acted", value: "arn:aws:s3:::other" },
  Prefix: { kind: "acted", value: "other/" },
  ErrorOutputPrefix: { kind: "acted", value: "failed/" },
  BufferingHints: { kind: "acted", value: { SizeInMBs: 64, IntervalInSeconds: 60 } },
  CompressionFormat: { kind: "acted", value: "GZIP" },
  EncryptionConfiguration: { kind: "acted", value: { KMSEncryptionConfig: { AWSKMSKeyARN: kmsKeyArn } } },
  CloudWatchLoggingOptions: { kind: "acted", value: { Enabled: true, LogGroupName: "g", LogStreamName: "s" } },
  ProcessingConfiguration: {
    kind: "acted",
    value: { Enabled: true, Processors: [{ Type: "AppendDelimiterToRecord" }] },
  },
  S3BackupMode: { kind: "acted", value: "Enabled", beside: { S3BackupConfiguration: required } },
  S3BackupConfiguration: { kind: "acted", value: required, beside: { S3BackupMode: "Enabled" } },
  S3BackupUpdate: {
    kind: "acted",
    value: { BucketARN: "arn:aws:s3:::elsewhere" },
    beside: { S3BackupMode: "Enabled", S3BackupConfiguration: required },
  },
  DataFormatConversionConfiguration: {
    kind: "acted",
    value: {
      SchemaConfiguration: { RoleARN: required.RoleARN, DatabaseName: "lake", TableName: "orders" },
      InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
      OutputFormatConfiguration: { Serializer: { OrcSerDe: {} } },
    },
  },
  DynamicPartitioningConfiguration: {
    kind: "acted",
    value: { Enabled: true },
    beside: { Prefix: "!{partitionKeyFromLambda:k}/", ErrorOutputPrefix: "!{firehose:error-output-type}/" },
  },
  FileExtension: { kind: "acted", value: ".jsonl" },
  CustomTimeZone: { kind: "acted", value: "Asia/Tokyo" },
}

type Treatment =
  /** `beside`: members that must be given with it. */
  | { readonly kind: "acted"; readonly value: JsonObject | string; readonly beside?: JsonObject }
  | { readonly kind: "informational"; readonly why: string }

test("each member is acted on, or informational with a reason", async () => {
  const declared = s3.views.flatMap(({ configuration, update }) => [
    ...memberNames(configuration),
    ...memberNames(update),
  ])
  assert.deepEqual([...new Set(declared)].sort(), Object.keys(members).sort())
  const stored = requireValid(extended.create(read(extended, "configuration", required)))
  const without = await observe(stored)
  for (const [name, treatment] of Object.entries(members)) {
    if (treatment.kind === "acted") {
      const beside = { ...required, ...treatment.beside }
      const isUpdate = !memberNames(extended.configuration).includes(name)
      const given = isUpdate ? beside : { ...beside, [name]: treatment.value }
      const created = requireValid(extended.create(read(extended, "configuration", given)))
      const update = read(extended, "update", isUpdate ? { [name]: treatment.value } : {})
      const acted = requireValid(extended.merge(created, update))
      const compared = isUpdate ? await observe(created) : without
      assert.notDeepEqual(await observe(acted), compared, name)
    }
  }
})

test("the object has the key, the headers and the compression that were decided", async () => {
  const stored = requireValid(
    extended.create(
      read(extended, "configuration", {
        ...required,
        Prefix: "!{firehose:random-string}/",
        ErrorOutputPrefix: "!{firehose:error-output-type}/",
        CompressionFormat: "GZIP",
        CustomTimeZone: "Asia/Tokyo",
        EncryptionConfiguration: { KMSEncryptionConfig: { AWSKMSKeyARN: kmsKeyArn } },
      }),
    ),
  )
  const { objects, decision, outcome } = await observe(stored)
  const key = "00000001-00/clicks-7-2026-07-14-00-30-00-00000000-0000-4000-8000-000000000000.gz"
  assert.deepEqual(decision, {
    bucket: "landing.zone-1",
    key,
    compression: "GZIP",
    kmsKeyArn,
    uuid: "00000000-0000-4000-8000-000000000000",
  })
  const [[location, object] = []] = [...objects]
  assert.ok(object)
  const { content, ...rest } = object
  assert.equal(location, `landing.zone-1/${key}`)
  assert.deepEqual(rest, {
    contentType: "application/octet-stream",
    contentEncoding: "gzip",
    encryption: { kind: "kms", keyArn: kmsKeyArn },
  })
  assert.equal(gunzipSync(content).toString(), "one\ntwo\n")
  assert.deepEqual(outcome, {
    kind: "delivered",
    location: `s3://landing.zone-1/${key}`,
    sizeBytes: content.length,
  })
})

test("an object's extension is its compression's, unless the stream has its own", async () => {
  const cases = [
    [{ CompressionFormat: "UNCOMPRESSED" }, ""],
    [{ CompressionFormat: "GZIP" }, ".gz"],
    [{ CompressionFormat: "ZIP" }, ".zip"],
    [{ CompressionFormat: "Snappy" }, ".snappy"],
    [{ CompressionFormat: "HADOOP_SNAPPY" }, ".snappy"],
    [{ CompressionFormat: "GZIP", FileExtension: "" }, ".gz"],
    [{ CompressionFormat: "GZIP", FileExtension: ".json" }, ".json"],
    [{ FileExtension: ".json" }, ".json"],
  ] as const
  for (const [given, extension] of cases) {
    const stored = requireValid(extended.create(read(extended, "configuration", { ...required, ...given })))
    const { decision } = await observe(stored)
    assert.ok(String(decision["key"]).endsWith(`-${String(decision["uuid"])}${extension}`), JSON.stringify(given))
  }
})

test("a conversion holds memory in proportion to its batch, up to a bound; what is not converted holds none of its own", () => {
  const conversion = {
    SchemaConfiguration: { RoleARN: required.RoleARN, DatabaseName: "lake", TableName: "clicks" },
    InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
    OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
  }
  const given = { ...required, DataFormatConversionConfiguration: conversion }
  const destination = s3.open(requireValid(extended.create(read(extended, "configuration", given))), {
    objects: memoryObjectStore(),
    random: countingRandom(),
    workers: hereAndNow,
    processors: worldWith(),
    ...conversionWorldWith(),
  })
  const facts = {
    purpose: "delivery",
    streamName: "clicks",
    streamVersion: 1,
    oldestArrivalMs: 0,
    recordCount: 1,
    sizeBytes: 1,
  } as const
  const rows = asRowSchemaId("0".repeat(32))
  const converted = destination.decide({ ...facts, output: { kind: "data", rows } })
  const plain = destination.decide({ ...facts, output: { kind: "data" } })
  const mebibyte = 1024 * 1024
  const sizes = [1, 64, 128, 4096]
  assert.deepEqual(
    sizes.map((size) => destination.memoryBytes(converted, size * mebibyte) / mebibyte),
    [3, 192, 192, 192],
  )
  assert.deepEqual(
    sizes.map((size) => destination.memoryBytes(plain, size * mebibyte)),
    [0, 0, 0, 0],
  )
})

test("megabytes are MiB, and failures are logged where the owner said", () => {
  const given = read(extended, "configuration", {
    ...required,
    BufferingHints: { SizeInMBs: 3, IntervalInSeconds: 7 },
    CloudWatchLoggingOptions: { Enabled: true, LogGroupName: "group", LogStreamName: "stream" },
  })
  const opened = s3.open(requireValid(extended.create(given)), {
    objects: memoryObjectStore(),
    random: countingRandom(),
    workers: hereAndNow,
    processors: worldWith(),
    ...conversionWorldWith(),
  })
  assert.deepEqual(opened.buffering, { bufferBytesMax: 3_145_728, intervalMs: 7000 })
  assert.deepEqual(opened.errorLog, { group: "group", stream: "stream" })
  assert.equal(opened.target, required.BucketARN)
})

test("a damaged configuration is told by what it lacks", () => {
  const world = {
    objects: memoryObjectStore(),
    random: countingRandom(),
    workers: hereAndNow,
    processors: worldWith(),
    ...conversionWorldWith(),
  }
  assert.throws(() => s3.open({ BucketARN: required.BucketARN }, world), /^Error: Cannot read a stored .*roleARN/)
})

/** Everything that a configuration has an influence on, with the same moment, records and randomness. */
async function observe(stored: JsonObject) {
  const store = memoryObjectStore()
  const destination = s3.open(stored, {
    objects: store,
    random: countingRandom(),
    workers: hereAndNow,
    processors: worldWith(),
    ...conversionWorldWith(),
  })
  const batch: Batch = {
    purpose: "delivery",
    output: { kind: "data" },
    streamName: "clicks",
    streamVersion: 7,
    oldestArrivalMs: Date.parse("2026-07-13T15:30:00.123Z"),
    recordCount: 2,
    sizeBytes: 8,
    async *bytes() {
      yield Buffer.from("one\n")
      yield Buffer.from("two\n")
    },
    async *records() {
      yield { lengths: Uint32Array.of(4, 4), data: Buffer.from("one\ntwo\n") }
    },
  }
  const decision = destination.decide(batch)
  const failed = destination.decide({ ...batch, output: { kind: "failed", type: "processing-failed" } })
  const outcome = await destination.deliver(decision, batch, new AbortController().signal)
  const { buffering, processing, backup, target, errorLog } = destination
  return {
    buffering,
    isPartitioned: processing?.partitionOf !== undefined,
    isConverted: processing?.conversion !== undefined,
    processed: await processing?.chain?.process(chunkOf("one"), new AbortController().signal),
    failedKey: failed["key"],
    backup,
    target,
    errorLog,
    decision,
    outcome,
    objects: store.objects,
  }
}

function viewDescribedAs(descriptionMember: string): DestinationView {
  const found = s3.views.find((view) => view.descriptionMember === descriptionMember)
  assert.ok(found, descriptionMember)
  return found
}

function read(view: DestinationView, side: "configuration" | "update", value: unknown): object {
  const outcome = readShape(view[side], value)
  assert.ok(outcome.kind === "read", JSON.stringify(outcome))
  return outcome.value
}

function requireValid(configured: Configured): JsonObject {
  assert.ok(configured.kind === "valid", configured.kind === "invalid" ? configured.message : "")
  return configured.stored
}

function memberNames(shape: object): readonly string[] {
  assert.ok("members" in shape && typeof shape.members === "object" && shape.members !== null)
  return Object.keys(shape.members)
}

/** Its UUIDs begin with 00000000, 00000001, ... */
function countingRandom(): Random {
  let count = 0
  return {
    uuid: () => `${String(count++).padStart(8, "0")}-0000-4000-8000-000000000000`,
    bytes: (size) => Buffer.alloc(size),
    fraction: () => 0,
  }
}

const partitioned = {
  ...required,
  Prefix: "c=!{partitionKeyFromQuery:customer}/l=!{partitionKeyFromLambda:level}/",
  ErrorOutputPrefix: "failed/!{firehose:error-output-type}/",
  DynamicPartitioningConfiguration: { Enabled: true },
  ProcessingConfiguration: {
    Enabled: true,
    Processors: [
      processor("MetadataExtraction", { MetadataExtractionQuery: "{customer:.id}", JsonParsingEngine: "JQ-1.6" }),
      processor("Lambda", { LambdaArn: "arn:aws:lambda:eu-west-1:123456789012:function:level" }),
    ],
  },
}

test("a partitioned stream is described with the defaults that the service fills in, and partitions", () => {
  const stored = requireValid(extended.create(read(extended, "configuration", partitioned)))
  const { BufferingHints, DynamicPartitioningConfiguration, ProcessingConfiguration } = extended.describe(stored)
  assert.deepEqual(BufferingHints, { SizeInMBs: 128, IntervalInSeconds: 300 })
  assert.deepEqual(DynamicPartitioningConfiguration, { Enabled: true, RetryOptions: { DurationInSeconds: 300 } })
  assert.deepEqual(ProcessingConfiguration, {
    Enabled: true,
    Processors: [
      partitioned.ProcessingConfiguration.Processors[0],
      processor("Lambda", {
        LambdaArn: "arn:aws:lambda:eu-west-1:123456789012:function:level",
        NumberOfRetries: "3",
        RoleArn: required.RoleARN,
        BufferSizeInMBs: "1",
        BufferIntervalInSeconds: "60",
      }),
    ],
  })
  const partition = open(stored).processing?.partitionOf?.({ query: { customer: "a" }, lambda: { level: "b" } }, 0)
  assert.deepEqual(partition, { kind: "partition", partition: ["c=a/l=b/"] })
  // What was given is kept.
  const given = { RetryOptions: { DurationInSeconds: 0 }, Enabled: true }
  const hints = { SizeInMBs: 64, IntervalInSeconds: 60 }
  const other = requireValid(
    extended.create(
      read(extended, "configuration", {
        ...partitioned,
        DynamicPartitioningConfiguration: given,
        BufferingHints: hints,
      }),
    ),
  )
  assert.deepEqual(extended.describe(other), {
    ...extended.describe(stored),
    BufferingHints: hints,
    DynamicPartitioningConfiguration: given,
  })
})

test("rules of processors and of dynamic partitioning are told in the service's words", () => {
  const size = "BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled."
  const needed = "A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled."
  const onlyPartitioned = (name: string) =>
    `class com.amazonaws.services.firehose.internal.model.${name} can only be present when Dynamic Partitioning is enabled.`
  const delimiter = processor("AppendDelimiterToRecord")
  const lambda = (parameters: Readonly<Record<string, string>>) => [processor("Lambda", parameters)]
  const LambdaArn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
  const extraction = processor("MetadataExtraction", { MetadataExtractionQuery: "{a:.a}", JsonParsingEngine: "JQ-1.6" })
  const plain: readonly (readonly [readonly object[], string])[] = [
    [[], needed],
    [Array.from({ length: 6 }, () => delimiter), needed],
    [
      [
        {
          Type: "Lambda",
          Parameters: [
            { ParameterName: "NumberOfRetries", ParameterValue: "1" },
            { ParameterName: "NumberOfRetries", ParameterValue: "1" },
          ],
        },
      ],
      "Duplicate ProcessorParameter passed to ProcessingConfiguration.",
    ],
    [lambda({}), "LambdaArn is required when Lambda processor is used."],
    [lambda({ LambdaArn: "f" }), "Invalid lambda ARN."],
    [[...lambda({ LambdaArn }), ...lambda({ LambdaArn })], "Cannot have more than 1 Lambda processor."],
    [lambda({ LambdaArn, Delimiter: "x" }), "Delimiter is not a parameter of the Lambda processor"],
    [[extraction], onlyPartitioned("MetadataExtractionProcessor")],
    [[processor("RecordDeAggregation", { SubRecordType: "JSON" })], onlyPartitioned("RecordDeAggregationProcessor")],
    [[processor("RecordDeAggregation")], "SubRecordType has to be one of JSON, DELIMITED"],
    [[processor("RecordDeAggregation", { SubRecordType: "json" })], "SubRecordType has to be one of JSON, DELIMITED"],
    [[processor("RecordDeAggregation", { SubRecordType: "DELIMITED" })], "Delimiter should be present for DELIMITED"],
    [
      [processor("RecordDeAggregation", { SubRecordType: "DELIMITED", Delimiter: "#" })],
      "Delimiter for RecordDeAggregation must be base64",
    ],
    [
      [processor("MetadataExtraction", { MetadataExtractionQuery: "{a:.a}", JsonParsingEngine: "JQ-1.7" })],
      "MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6",
    ],
    [
      [processor("MetadataExtraction", { MetadataExtractionQuery: "{a:.a}" })],
      "MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6",
    ],
    [
      [processor("Decompression"), processor("CloudWatchLogProcessing", { DataMessageExtraction: "yes" })],
      "Invalid parameter value for DataMessageExtraction. Allowed values are True and False.",
    ],
    [
      [processor("CloudWatchLogProcessing", { DataMessageExtraction: "true" })],
      "CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor",
    ],
    [
      [processor("Decompression", { CompressionFormat: "ZIP" })],
      "CompressionFormat for Decompression has to be one of GZIP",
    ],
  ]
  const withQuery = (MetadataExtractionQuery: string) => ({
    ProcessingConfiguration: {
      Enabled: true,
      Processors: [processor("MetadataExtraction", { MetadataExtractionQuery, JsonParsingEngine: "JQ-1.6" })],
    },
  })
  const keysMissing = "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix expression"
  const extractionMissing =
    "MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace."
  const inPartitions: readonly (readonly [JsonObject, string])[] = [
    [{ BufferingHints: { SizeInMBs: 63, IntervalInSeconds: 60 } }, size],
    [
      { BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 59 } },
      "BufferingHints.IntervalInSeconds must be at least 60 when Dynamic Partitioning is enabled.",
    ],
    [
      { Prefix: "clicks/" },
      "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled",
    ],
    [withQuery("{customer:.id,other:.x}"), keysMissing],
    [withQuery("{customer:input}"), `MetadataExtractionQuery can't use "input": it is run on one record alone`],
    [{ ProcessingConfiguration: { Enabled: false } }, extractionMissing],
    [{ ProcessingConfiguration: { Enabled: true, Processors: [delimiter] } }, extractionMissing],
  ]
  const stored = requireValid(extended.create(read(extended, "configuration", required)))
  const storedPartitioned = requireValid(extended.create(read(extended, "configuration", partitioned)))
  const cases = [
    ...plain.map(([Processors, message]) => {
      const members = { ProcessingConfiguration: { Enabled: true, Processors } }
      return [required, stored, members, message] as const
    }),
    ...inPartitions.map(([members, message]) => [partitioned, storedPartitioned, members, message] as const),
  ]
  for (const [base, storedBase, members, message] of cases) {
    const invalid = { kind: "invalid", message }
    assert.deepEqual(extended.create(read(extended, "configuration", { ...base, ...members })), invalid)
    assert.deepEqual(extended.merge(storedBase, read(extended, "update", members)), invalid)
  }
  // A query that does not compile is taken: only its records tell.
  assert.equal(extended.merge(storedPartitioned, read(extended, "update", withQuery("yyyy/MM"))).kind, "valid")
  assert.deepEqual(
    extended.create(read(extended, "configuration", { ...partitioned, DynamicPartitioningConfiguration: {} })),
    {
      kind: "invalid",
      message:
        "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.",
    },
  )
})

test("processors that are off may be anything, and are described as they were given", () => {
  const ProcessingConfiguration = { Processors: [processor("Lambda"), processor("CloudWatchLogProcessing")] }
  const stored = requireValid(
    extended.create(read(extended, "configuration", { ...required, ProcessingConfiguration })),
  )
  assert.deepEqual(extended.describe(stored)["ProcessingConfiguration"], ProcessingConfiguration)
  assert.equal(open(stored).processing, undefined)
})

test("dynamic partitioning is decided when a stream is created", () => {
  const [plain, on] = [required, partitioned].map((given) =>
    requireValid(extended.create(read(extended, "configuration", given))),
  )
  assert.ok(plain && on)
  const toggled = (stored: JsonObject, Enabled: boolean) =>
    extended.merge(stored, read(extended, "update", { DynamicPartitioningConfiguration: { Enabled } }))
  assert.deepEqual(toggled(on, false), {
    kind: "invalid",
    message: "Dynamic Partitioning cannot be disabled once it is enabled.",
  })
  assert.deepEqual(toggled(plain, true), {
    kind: "invalid",
    message: "Dynamic Partitioning can only be enabled when the delivery stream is created.",
  })
  assert.equal(toggled(on, true).kind, "valid")
  assert.equal(toggled(plain, false).kind, "valid")
  // Prefix and query may change, together.
  const update = {
    Prefix: "!{partitionKeyFromQuery:other}/",
    ProcessingConfiguration: {
      Enabled: true,
      Processors: [
        processor("MetadataExtraction", { MetadataExtractionQuery: "{other:.x}", JsonParsingEngine: "JQ-1.6" }),
      ],
    },
  }
  assert.equal(extended.merge(on, read(extended, "update", update)).kind, "valid")
  assert.equal(extended.merge(on, read(extended, "update", { Prefix: update.Prefix })).kind, "invalid")
})

test("a backup is configured, described and updated as a bucket of its own", () => {
  const S3BackupConfiguration = { ...required, BucketARN: "arn:aws:s3:::backup", Prefix: "source/" }
  const given = { ...required, S3BackupMode: "Enabled", S3BackupConfiguration }
  const stored = requireValid(extended.create(read(extended, "configuration", given)))
  const backup = {
    ...S3BackupConfiguration,
    BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
    CompressionFormat: "UNCOMPRESSED",
    EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
    CloudWatchLoggingOptions: { Enabled: false },
  }
  const { S3BackupDescription, S3BackupMode, ...others } = extended.describe(stored)
  assert.deepEqual([S3BackupMode, S3BackupDescription], ["Enabled", backup])
  assert.equal(others["S3BackupConfiguration"], undefined)
  assert.deepEqual(open(stored).backup, { kind: "s3", configuration: backup })
  assert.equal(s3.open(backup, openWorld()).target, "arn:aws:s3:::backup")
  assert.equal("S3BackupDescription" in legacy.describe(stored), false)

  const S3BackupUpdate = { CompressionFormat: "GZIP", Prefix: "" }
  const merged = requireValid(extended.merge(stored, read(extended, "update", { S3BackupUpdate })))
  assert.deepEqual(extended.describe(merged)["S3BackupDescription"], { ...backup, ...S3BackupUpdate })
  const kept = requireValid(extended.merge(merged, read(extended, "update", { Prefix: "other/" })))
  assert.deepEqual(extended.describe(kept)["S3BackupDescription"], { ...backup, ...S3BackupUpdate })
})

test("a backup is turned on, and never off again", () => {
  const missing = "S3 backup destination configuration is required when enabling S3 backup."
  const invalid = (message: string) => ({ kind: "invalid", message })
  const create = (given: object) => extended.create(read(extended, "configuration", { ...required, ...given }))
  const update = (stored: JsonObject, given: object) => extended.merge(stored, read(extended, "update", given))
  const plain = requireValid(create({}))
  assert.deepEqual(create({ S3BackupMode: "Enabled" }), invalid(missing))
  assert.deepEqual(update(plain, { S3BackupMode: "Enabled" }), invalid(missing))
  assert.deepEqual(update(plain, { S3BackupMode: "Enabled", S3BackupUpdate: { Prefix: "x" } }), invalid(missing))
  assert.equal(open(requireValid(create({ S3BackupConfiguration: required }))).backup, undefined)

  const on = requireValid(update(plain, { S3BackupMode: "Enabled", S3BackupUpdate: required }))
  assert.equal(open(on).backup?.kind, "s3")
  assert.deepEqual(
    update(on, { S3BackupMode: "Disabled" }),
    invalid("S3 backup cannot be disabled once it is enabled."),
  )
  assert.equal(update(on, { S3BackupMode: "Enabled" }).kind, "valid")

  const broken: readonly (readonly [object, string])[] = [
    [
      { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 59 } },
      "BufferingHints.IntervalInSeconds must be at least 60 when records are backed up to S3.",
    ],
    [
      { CloudWatchLoggingOptions: { Enabled: true } },
      "CloudWatch Log Group Name is required if CloudWatch Logging is enabled",
    ],
    [
      { Prefix: "!{partitionKeyFromQuery:a}/", ErrorOutputPrefix: "!{firehose:error-output-type}/" },
      "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.",
    ],
  ]
  for (const [members, message] of broken) {
    assert.deepEqual(create({ S3BackupConfiguration: { ...required, ...members } }), invalid(message))
    assert.deepEqual(update(on, { S3BackupUpdate: members }), invalid(message))
  }
})

function processor(Type: string, parameters: Readonly<Record<string, string>> = {}) {
  const Parameters = Object.entries(parameters).map(([ParameterName, ParameterValue]) => ({
    ParameterName,
    ParameterValue,
  }))
  return { Type, Parameters }
}

function openWorld() {
  return {
    objects: memoryObjectStore(),
    random: countingRandom(),
    workers: hereAndNow,
    processors: worldWith(),
    ...conversionWorldWith(),
  }
}

function open(stored: JsonObject) {
  return s3.open(stored, openWorld())
}
