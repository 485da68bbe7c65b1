import assert from "node:assert/strict"
import { test } from "node:test"
import { readShape } from "../shapes/index.ts"
import { readSettings, type SettingSources, type Settings, settings } from "./index.ts"

function outcome(sources: { flags?: SettingSources["flags"]; environment?: Record<string, string>; yaml?: string }) {
  const { flags = {}, environment = {}, yaml } = sources
  const file = yaml === undefined ? undefined : { name: "hydrant.yaml", text: yaml }
  return readSettings({ flags, environment, file })
}

function read(sources: Parameters<typeof outcome>[0]): Settings {
  const result = outcome(sources)
  assert(result.kind === "read", JSON.stringify(result))
  return result.settings
}

function problems(sources: Parameters<typeof outcome>[0]): readonly string[] {
  const result = outcome(sources)
  assert(result.kind === "refused", JSON.stringify(result))
  return result.problems
}

test("Nothing given is the first run on one machine", () => {
  assert.deepEqual(read({}), {
    listenAddress: "127.0.0.1",
    listenPort: 4573,
    adminListenAddress: "127.0.0.1",
    adminListenPort: 4574,
    dataFolder: "./hydrant-data",
    region: "us-east-1",
    accountId: "000000000000",
    credentials: undefined,
    tls: { kind: "off" },
    s3Endpoint: undefined,
    s3PathStyle: true,
    s3ChecksumCalculation: "WHEN_SUPPORTED",
    encryptionKeyFile: undefined,
    kms: "remote",
    kmsEndpoint: undefined,
    functions: undefined,
    functionTimeoutSeconds: 60,
    extensions: undefined,
    lambdaEndpoint: undefined,
    tablesFolder: undefined,
    glueEndpoint: undefined,
    bufferIntervalMaxSeconds: undefined,
    retentionHours: 24,
    segmentBytes: 67_108_864,
    appendQueueBytes: 67_108_864,
    appendQueueSeconds: 5,
    connectionsMax: 10_000,
    requestBytesMax: 268_435_456,
    diskFreeBytesMin: 268_435_456,
    workerThreads: undefined,
    streamsMax: 5000,
    ingestProcesses: 0,
    quotas: "off",
    quotaRecordsPerSecond: undefined,
    quotaRequestsPerSecond: undefined,
    quotaBytesPerSecond: undefined,
    logLevel: "info",
    logFormat: "auto",
    shutdownSeconds: 30,
    streams: [],
    tables: [],
  })
})

test("A name is the key in kebab-case, no two settings share a name or a variable of ours, and each default keeps its limits", () => {
  const table = Object.entries(settings)
  for (const [key, setting] of table) {
    assert.equal(
      setting.name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      key,
    )
    assert.notEqual(setting.shape.doc, "")
    if (setting.default === undefined) continue
    assert.deepEqual(readShape<unknown>(setting.shape, setting.default), { kind: "read", value: setting.default })
    assert.equal(setting.fromText(String(setting.default)), setting.default)
  }
  // One of the AWS SDKs may be for several services.
  const variables = table.flatMap(([, setting]) => setting.variables.filter((name) => name !== "AWS_ENDPOINT_URL"))
  assert.equal(new Set(variables).size, variables.length)
  assert.equal(new Set(table.map(([, setting]) => setting.name)).size, table.length)
})

test("No variable is one that Kubernetes sets for services named hydrant, hydrant-api or hydrant-admin", () => {
  const set = /^HYDRANT(_API|_ADMIN)?_(PORT|SERVICE_HOST|SERVICE_PORT)/
  for (const setting of Object.values(settings)) {
    for (const variable of setting.variables) assert.doesNotMatch(variable, set)
  }
})

test("A flag comes before a variable, a variable before the file, the file before the default", () => {
  const flags = { listenPort: "1" }
  const environment = { HYDRANT_LISTEN_PORT: "2" }
  const yaml = "listen-port: 3"
  assert.equal(read({ flags, environment, yaml }).listenPort, 1)
  assert.equal(read({ environment, yaml }).listenPort, 2)
  assert.equal(read({ yaml }).listenPort, 3)
  assert.equal(read({ environment: { HYDRANT_LISTEN_PORT: "" }, yaml }).listenPort, 3)
})

test("What is overruled is not judged", () => {
  assert.equal(
    read({ flags: { listenPort: "1" }, environment: { HYDRANT_LISTEN_PORT: "tcp://10.0.0.1:1" } }).listenPort,
    1,
  )
})

test("Where the AWS SDKs have a standard variable, that one counts", () => {
  const s3Endpoint = (environment: Record<string, string>) => read({ environment }).s3Endpoint
  assert.equal(read({ environment: { AWS_ENDPOINT_URL_GLUE: "http://a" } }).glueEndpoint, "http://a")
  assert.equal(read({ environment: { AWS_ENDPOINT_URL: "http://a" } }).glueEndpoint, undefined)
  assert.equal(s3Endpoint({ AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_S3: "http://b" }), "http://b")
  assert.equal(s3Endpoint({ AWS_ENDPOINT_URL: "http://a" }), "http://a")
  assert.equal(s3Endpoint({ HYDRANT_S3_ENDPOINT: "http://a" }), undefined)
  assert.equal(read({ environment: { AWS_DEFAULT_REGION: "eu-west-1" } }).region, "eu-west-1")
  assert.equal(read({ environment: { AWS_DEFAULT_REGION: "a", AWS_REGION: "b" } }).region, "b")
  const checksums = read({ environment: { AWS_REQUEST_CHECKSUM_CALCULATION: "when_required" } })
  assert.equal(checksums.s3ChecksumCalculation, "WHEN_REQUIRED")
})

test("The file sets every name, and values stay as they are written", () => {
  const yaml = [
    "# how we run it",
    "account-id: 000000000042",
    "region: eu-west-1   # Ireland",
    "tls: off",
    "s3-path-style: false",
    "log-level: WARN",
    'data-folder: "/var/lib/hydrant # 1"',
    "s3-endpoint:",
  ].join("\n")
  const { accountId, region, tls, s3PathStyle, logLevel, dataFolder, s3Endpoint } = read({ yaml })
  assert.deepEqual(
    { accountId, region, tls, s3PathStyle, logLevel, dataFolder, s3Endpoint },
    {
      accountId: "000000000042",
      region: "eu-west-1",
      tls: { kind: "off" },
      s3PathStyle: false,
      logLevel: "warn",
      dataFolder: "/var/lib/hydrant # 1",
      s3Endpoint: undefined,
    },
  )
})

test("A flag that stands alone is on, and off with --no- before it", () => {
  assert.equal(read({ flags: { s3PathStyle: true } }).s3PathStyle, true)
  assert.equal(
    read({ flags: { s3PathStyle: false }, environment: { HYDRANT_S3_PATH_STYLE: "true" } }).s3PathStyle,
    false,
  )
})

test("An empty file, and one with comments only, says nothing", () => {
  assert.deepEqual(read({ yaml: "" }), read({}))
  assert.deepEqual(read({ yaml: "# nothing yet\n" }), read({}))
})

test("Streams are passed on as they are", () => {
  const yaml =
    "streams:\n  - DeliveryStreamName: orders\n    ExtendedS3DestinationConfiguration: {BufferingHints: {SizeInMBs: 5}}"
  assert.deepEqual(read({ yaml }).streams, [
    { DeliveryStreamName: "orders", ExtendedS3DestinationConfiguration: { BufferingHints: { SizeInMBs: 5 } } },
  ])
  assert.deepEqual(read({ yaml: "streams:" }).streams, [])
})

test("Tables are passed on as they are, beside streams", () => {
  const yaml = "tables:\n  - database: logs\n    name: orders\n    columns: {id: bigint, no: date}\nstreams: [{}]"
  const { tables, streams } = read({ yaml })
  assert.deepEqual(tables, [{ database: "logs", name: "orders", columns: { id: "bigint", no: "date" } }])
  assert.deepEqual(streams, [{}])
})

test("All that is wrong is told at once, with its source, its value and what is expected", () => {
  const sources = {
    flags: { listenPort: "70000", s3PathStyle: "maybe" },
    environment: { HYDRANT_RETENTION_HOURS: "1.5", AWS_ENDPOINT_URL: "minio:9000" },
    yaml: "account-id: 12\nprot: 4573\nlog-level: loud\ndata-folder: [a]\nstreams: orders\ntables: {a: b}",
  }
  assert.deepEqual(problems(sources), [
    'Unknown setting "prot" (hydrant.yaml, line 2): hydrant serve --help lists those that there are',
    "Cannot set data-folder (hydrant.yaml, line 4): expected a single value",
    "Cannot read streams (hydrant.yaml, line 5): expected a list",
    "Cannot read tables (hydrant.yaml, line 6): expected a list",
    'Cannot set listen-port to "70000" (flag --listen-port): expected a whole number from 0 to 65535',
    'Cannot set account-id to "12" (hydrant.yaml, line 1): expected 12 digits',
    'Cannot set s3-endpoint to "minio:9000" (variable AWS_ENDPOINT_URL): expected an http:// or https:// URL without user, query or fragment',
    'Cannot set s3-path-style to "maybe" (flag --s3-path-style): expected true or false',
    'Cannot set lambda-endpoint to "minio:9000" (variable AWS_ENDPOINT_URL): expected an http:// or https:// URL without user, query or fragment',
    'Cannot set retention-hours to "1.5" (variable HYDRANT_RETENTION_HOURS): expected a whole number from 1 to 8760',
    'Cannot set log-level to "loud" (hydrant.yaml, line 3): expected one of debug, info, warn, error, fatal, silent',
  ])
})

test("Values at their limits are taken, values beyond are not", () => {
  const cases = [
    { flags: { listenPort: "0" }, taken: true },
    { flags: { listenPort: "65535" }, taken: true },
    { flags: { listenPort: "-1" }, taken: false },
    { flags: { listenPort: "" }, taken: false },
    { flags: { listenPort: "0x10" }, taken: false },
    { flags: { bufferIntervalMaxSeconds: "0" }, taken: true },
    { flags: { bufferIntervalMaxSeconds: "901" }, taken: false },
    { flags: { accountId: "1234567890123" }, taken: false },
    { flags: { accountId: "12345678901a" }, taken: false },
    { flags: { dataFolder: "" }, taken: false },
    { flags: { s3Endpoint: "https://s3.example.com/base" }, taken: true },
    { flags: { s3Endpoint: "ftp://s3.example.com" }, taken: false },
    { flags: { s3Endpoint: "http://a:99999" }, taken: false },
    { flags: { s3Endpoint: "http://user:password@a" }, taken: false },
    { flags: { s3Endpoint: "http://a?b" }, taken: false },
    { flags: { listenAddress: "::1" }, taken: true },
    { flags: { listenAddress: "http://localhost" }, taken: false },
    { flags: { region: "" }, taken: false },
  ]
  for (const { flags, taken } of cases) {
    assert.equal(outcome({ flags }).kind, taken ? "read" : "refused", JSON.stringify(flags))
  }
})

test("A file that is no YAML, or not of settings, is refused with the line", () => {
  assert.deepEqual(problems({ yaml: "region: a\nregion: b" }), [
    "Cannot read hydrant.yaml, line 2: Map keys must be unique",
  ])
  assert.deepEqual(problems({ yaml: "- region" }), [
    'Cannot read hydrant.yaml: expected lines such as "listen-port: 4573"',
  ])
  assert.match(problems({ yaml: 'region: "a\n' }).join(), /^Cannot read hydrant\.yaml, line 2: /)
  assert.match(
    problems({ yaml: "region: !secret a" }).join(),
    /^Cannot read hydrant\.yaml, line 1: Unresolved tag: !secret$/,
  )
  assert.match(problems({ yaml: "streams: [*nowhere]" }).join(), /hydrant\.yaml, line 1.*nowhere/)
  assert.deepEqual(problems({ yaml: "4573:" }), [
    'Unknown setting "4573" (hydrant.yaml, line 1): hydrant serve --help lists those that there are',
  ])
})

test("Aliases that would unfold to millions of values are refused", () => {
  const levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
  for (let level = 1; level < 8; level++)
    levels.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(", ")}]`,
    )
  const yaml = `streams:\n  - ${levels.join("\n    ")}`
  assert.match(problems({ yaml }).join(), /Cannot read streams \(hydrant\.yaml, line 1\): Excessive alias count/)
})

test("Certificate and key turn TLS on together; off overrules them, self-signed contradicts them", () => {
  const tls = (flags: SettingSources["flags"]) => read({ flags }).tls
  assert.deepEqual(tls({ tlsCertificate: "c.pem", tlsKey: "k.pem" }), {
    kind: "files",
    certificate: "c.pem",
    key: "k.pem",
  })
  assert.deepEqual(tls({ tls: "off", tlsCertificate: "c.pem", tlsKey: "k.pem" }), { kind: "off" })
  assert.deepEqual(tls({ tls: "self-signed" }), { kind: "self-signed" })
  assert.deepEqual(problems({ flags: { tlsCertificate: "c.pem" } }), [
    'Cannot use tls-certificate "c.pem" alone: set tls-key too',
  ])
  assert.deepEqual(problems({ flags: { tlsKey: "k.pem" } }), [
    'Cannot use tls-key "k.pem" alone: set tls-certificate too',
  ])
  assert.deepEqual(problems({ flags: { tls: "self-signed", tlsKey: "k.pem" } }), [
    "Cannot use tls-certificate or tls-key with tls self-signed: leave out one or the other",
  ])
})

test("An endpoint of S3 or Lambda that is Hydrant itself is refused", () => {
  const own = [
    { AWS_ENDPOINT_URL: "http://127.0.0.1:4573" },
    { AWS_ENDPOINT_URL: "http://localhost:4573/" },
    { AWS_ENDPOINT_URL: "http://[::1]:4573" },
    { AWS_ENDPOINT_URL: "http://localhost:4573", HYDRANT_LISTEN_ADDRESS: "0.0.0.0" },
    { AWS_ENDPOINT_URL: "https://hydrant", HYDRANT_LISTEN_ADDRESS: "hydrant", HYDRANT_LISTEN_PORT: "443" },
  ]
  for (const environment of own) {
    const expected = ["s3-endpoint", "lambda-endpoint"].map(
      (name) =>
        `Cannot use "${environment.AWS_ENDPOINT_URL}" as ${name}: it is where Hydrant itself listens. When AWS_ENDPOINT_URL is there for clients, set AWS_ENDPOINT_URL_FIREHOSE in its place`,
    )
    assert.deepEqual(problems({ environment }), expected)
  }
  const others = [
    { AWS_ENDPOINT_URL: "http://127.0.0.1:9000" },
    { AWS_ENDPOINT_URL: "http://store:4573" },
    { AWS_ENDPOINT_URL: "http://127.0.0.1:4573", HYDRANT_LISTEN_ADDRESS: "10.0.0.5" },
    { AWS_ENDPOINT_URL: "http://127.0.0.1", HYDRANT_LISTEN_PORT: "0" },
  ]
  for (const environment of others) assert.equal(outcome({ environment }).kind, "read", JSON.stringify(environment))
})

const orders = "arn:aws:lambda:us-east-1:000000000000:function:orders"
const parcels = "arn:aws:lambda:us-east-1:000000000000:function:parcels:live"

test("Functions are mapped by flags, by a variable, and by a mapping in the file", () => {
  const expected = new Map([
    [orders, "./orders, all.mjs"],
    [parcels, "http://localhost:9000/?a=b,c"],
  ])
  const entries = [...expected].map(([arn, target]) => `${arn}=${target}`)
  assert.deepEqual(read({ flags: { functions: entries } }).functions, expected)
  assert.deepEqual(read({ environment: { HYDRANT_FUNCTIONS: entries.join(", ") } }).functions, expected)
  const yaml = ["functions:", ...[...expected].map(([arn, target]) => `  ${arn}: ${target}`)].join("\n")
  assert.deepEqual(read({ yaml }).functions, expected)
  assert.equal(read({ yaml: "functions:" }).functions, undefined)
  assert.equal(read({ yaml: "functions: {}" }).functions, undefined)
})

test("A mapping of functions that is wrong is refused with where it was given", () => {
  const wrong = [`${orders}`, `${orders}=`, `=x`, `arn:aws:s3:::b=x`, `${orders}=x\n${orders}=y`, "orders=x"]
  for (const text of wrong) {
    const [problem = ""] = problems({ flags: { functions: [text] } })
    assert.match(
      problem,
      /^Cannot set functions to ".*" \(flag --functions\): expected an ARN of a function, an equals sign/,
    )
  }
  const shown = 'Cannot set functions (hydrant.yaml, line 1): expected lines such as "NAME: VALUE" below it'
  for (const yaml of ["functions: x", "functions: [x]", "functions: { a: { b: c } }", "functions: { a: }"]) {
    assert.deepEqual(problems({ yaml }), [shown])
  }
})
