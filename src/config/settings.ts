import { arnMapping, choice, choices, type SettingValue, serviceUrl, text, toggle, wholeNumber } from "./setting.ts"

const mebibyte = 1024 * 1024

const address = {
  pattern: "[A-Za-z0-9.:_-]+",
  expected: "an IP address or a host name",
  valueName: "ADDRESS",
}
const path = { pattern: "[^\\x00]+", expected: "a path" }

/**
 * Every setting of the server, in the order in which `--help` and the reference list them. The key is what a setting is
 * called in code; its name, the same in camelCase.
 *
 * Names are chosen so that no variable reads like HYDRANT_PORT: Kubernetes sets that one, to `tcp://10.0.0.1:4573`, in
 * every pod that shares a namespace with a service named hydrant.
 */
export const settings = {
  listenAddress: text({
    name: "listen-address",
    doc: "Address that the Firehose API listens on. Any but a loopback address needs `credentials`.",
    default: "127.0.0.1",
    ...address,
  }),
  listenPort: wholeNumber({
    name: "listen-port",
    doc: "Port of the Firehose API; 0 takes any free one.",
    default: 4573,
    min: 0,
    max: 65_535,
  }),
  adminListenAddress: text({
    name: "admin-listen-address",
    doc: "Address that the admin side (health, metrics, switches of delivery) listens on. It asks nobody for credentials: to other machines it tells what it knows, and it takes no switch from them.",
    default: "127.0.0.1",
    ...address,
  }),
  adminListenPort: wholeNumber({
    name: "admin-listen-port",
    doc: "Port of the admin side; 0 takes any free one.",
    default: 4574,
    min: 0,
    max: 65_535,
  }),
  dataFolder: text({
    name: "data-folder",
    doc: "Folder that holds everything that is kept: streams, records, and buckets when there is no `s3-endpoint`.",
    default: "./hydrant-data",
    valueName: "FOLDER",
    ...path,
  }),
  region: text({
    name: "region",
    doc: "AWS region that ARNs name and that requests must be signed for.",
    default: "us-east-1",
    variables: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    pattern: "[a-z0-9-]+",
    expected: "the name of a region, such as us-east-1",
    valueName: "REGION",
  }),
  accountId: text({
    name: "account-id",
    doc: "AWS account that ARNs name.",
    default: "000000000000",
    pattern: "[0-9]{12}",
    expected: "12 digits",
    valueName: "DIGITS",
  }),
  credentials: text({
    name: "credentials",
    doc: "File in the format of AWS's shared credentials file: each profile in it is a key that may sign requests. Without it any request is taken, which is allowed on loopback addresses only.",
    default: undefined,
    valueName: "FILE",
    ...path,
  }),
  tls: choice({
    name: "tls",
    doc: "Whether the API speaks HTTPS: `self-signed` makes a certificate and keeps it under `data-folder` (tls/certificate.pem, for clients to trust), `off` overrules certificate files. By default it is on when `tls-certificate` and `tls-key` are given.",
    default: undefined,
    values: ["off", "self-signed"],
  }),
  tlsCertificate: text({
    name: "tls-certificate",
    doc: "File with the API's certificate, and those that lead to its authority, in PEM.",
    default: undefined,
    valueName: "FILE",
    ...path,
  }),
  tlsKey: text({
    name: "tls-key",
    doc: "File with the private key of `tls-certificate`, in PEM.",
    default: undefined,
    valueName: "FILE",
    ...path,
  }),
  s3Endpoint: serviceUrl({
    name: "s3-endpoint",
    doc: "URL of the S3-compatible store that holds the buckets. Without it a bucket is a folder under `data-folder`.",
    default: undefined,
    variables: ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
  }),
  s3PathStyle: toggle({
    name: "s3-path-style",
    doc: "Name buckets in the path of S3 requests, not in the host name. Most S3-compatible stores know nothing else.",
    default: true,
  }),
  s3ChecksumCalculation: choice({
    name: "s3-checksum-calculation",
    doc: "When to send checksums to S3. WHEN_REQUIRED is for stores that refuse the ones that AWS added in 2024.",
    default: "WHEN_SUPPORTED",
    variables: ["AWS_REQUEST_CHECKSUM_CALCULATION"],
    values: ["WHEN_SUPPORTED", "WHEN_REQUIRED"],
  }),
  encryptionKeyFile: text({
    name: "encryption-key-file",
    doc: "File with the server's own keys for streams with server-side encryption. Without it one is made when the first stream asks for it: keys/encryption.keys under `data-folder`.",
    default: undefined,
    valueName: "FILE",
    ...path,
  }),
  kms: choice({
    name: "kms",
    doc: "What serves CUSTOMER_MANAGED_CMK: `remote` is the KMS at `kms-endpoint`; `local` is the server's own key file in place of every KMS key, for development.",
    default: "remote",
    values: ["remote", "local"],
  }),
  kmsEndpoint: serviceUrl({
    name: "kms-endpoint",
    doc: "URL of AWS KMS, such as https://kms.us-east-1.amazonaws.com, or of a service that speaks its protocol. Without it streams can't be encrypted with a CUSTOMER_MANAGED_CMK.",
    default: undefined,
    variables: ["AWS_ENDPOINT_URL_KMS"],
  }),
  functions: arnMapping({
    name: "functions",
    doc: "Lambda functions that run elsewhere than at `lambda-endpoint`: each ARN with the path of a JavaScript module on this machine, or with the URL that its events are POSTed to. An ARN without version or alias stands for all of them.",
    default: undefined,
    arnPattern: /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[$A-Za-z0-9_-]+)?$/,
    expected: "an ARN of a function, an equals sign, and a path or an http:// or https:// URL; each ARN once",
    valueName: "ARN=TARGET",
  }),
  functionTimeoutSeconds: wholeNumber({
    name: "function-timeout-seconds",
    doc: "How long a function of `functions` may take for one invocation. Lambda knows each function's own time-out.",
    default: 60,
    min: 1,
    max: 900,
  }),
  lambdaEndpoint: serviceUrl({
    name: "lambda-endpoint",
    doc: "URL of AWS Lambda, such as https://lambda.us-east-1.amazonaws.com, or of a service that speaks its protocol: it runs the functions that `functions` does not name.",
    default: undefined,
    variables: ["AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL"],
  }),
  tablesFolder: text({
    name: "tables-folder",
    doc: "Folder with the schemas of tables that format conversion writes, beside those that `tables` in the file declares: files DATABASE/TABLE.json or DATABASE/TABLE.yaml, which are read anew for each object.",
    default: undefined,
    valueName: "FOLDER",
    ...path,
  }),
  glueEndpoint: serviceUrl({
    name: "glue-endpoint",
    doc: "URL of AWS Glue, such as https://glue.us-east-1.amazonaws.com, or of a service that speaks its protocol: it has the tables that are neither declared nor in `tables-folder`.",
    default: undefined,
    variables: ["AWS_ENDPOINT_URL_GLUE"],
  }),
  extensions: choices({
    name: "extensions",
    doc: "What goes beyond AWS, for all streams. `one-to-many`: a Lambda may answer one id with several records, and a record may be split into more than 500. `small-partitions`: dynamic partitioning takes buffers below 64 MiB and 60 seconds. `backup-delimiter`: a newline after each record of a backup. `json-array`: objects of streams whose FileExtension is `.json`, or `.json.` and more, are a JSON array of their records. `iana-time-zones`: CustomTimeZone may be any IANA time zone.",
    default: undefined,
    values: ["one-to-many", "small-partitions", "backup-delimiter", "json-array", "iana-time-zones"],
  }),
  bufferIntervalMaxSeconds: wholeNumber({
    name: "buffer-interval-max-seconds",
    doc: "Deliver no later than this, whatever interval a stream asks for: for tests and development. Without it streams get what they ask for.",
    default: undefined,
    min: 0,
    max: 900,
  }),
  retentionHours: wholeNumber({
    name: "retention-hours",
    doc: "Records that could not be delivered for this long are dropped, logged and counted.",
    default: 24,
    min: 1,
    max: 8760,
  }),
  segmentBytes: wholeNumber({
    name: "segment-bytes",
    doc: "Size at which a file of the log is followed by a new one. Files are deleted whole, once all in them is delivered.",
    default: 64 * mebibyte,
    min: mebibyte,
    max: 4096 * mebibyte,
  }),
  appendQueueBytes: wholeNumber({
    name: "append-queue-bytes",
    doc: "Bytes of records that may wait for the disk, of all streams together; more are refused with ServiceUnavailableException.",
    default: 64 * mebibyte,
    // One put holds up to 4 MiB of records.
    min: 4 * mebibyte,
    max: 4096 * mebibyte,
  }),
  appendQueueSeconds: wholeNumber({
    name: "append-queue-seconds",
    doc: "While a stream's records have waited for the disk for longer than this, more for that stream are refused with ServiceUnavailableException: a disk that hangs must not hold clients until they time out.",
    default: 5,
    min: 1,
    max: 3600,
  }),
  connectionsMax: wholeNumber({
    name: "connections-max",
    doc: "Connections that the API's clients may have open together; further ones are closed at once.",
    default: 10_000,
    min: 1,
    max: 1_000_000,
  }),
  ingestProcesses: wholeNumber({
    name: "ingest-processes",
    doc: "Processes that take puts beside the server's own, each on a core of its own and into its own part of each stream's log. 0 has the server's own process do it all. `append-queue-bytes`, `request-bytes-max` and quotas are shared evenly by them.",
    default: 0,
    min: 0,
    max: 64,
  }),
  requestBytesMax: wholeNumber({
    name: "request-bytes-max",
    doc: "Bytes that the bodies of all requests may take in memory together; requests beyond are refused with ServiceUnavailableException.",
    default: 256 * mebibyte,
    // One request has up to 7 MiB.
    min: 8 * mebibyte,
    max: 64 * 1024 * mebibyte,
  }),
  diskFreeBytesMin: wholeNumber({
    name: "disk-free-bytes-min",
    doc: "Free space on the disk of `data-folder` below which puts are refused with ServiceUnavailableException.",
    default: 256 * mebibyte,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  }),
  workerThreads: wholeNumber({
    name: "worker-threads",
    doc: "Threads that compress objects, at a lower priority than what answers requests. By default one less than the machine has cores, and at least one.",
    default: undefined,
    min: 1,
    max: 1024,
  }),
  streamsMax: wholeNumber({
    name: "streams-max",
    doc: "How many delivery streams there may be.",
    default: 5000,
    min: 1,
    max: 100_000,
  }),
  quotas: choice({
    name: "quotas",
    doc: "`aws` limits what is put into each stream as AWS does in the `region`, and calls of each other operation to 5 a second: for testing how clients take it. `off` limits nothing but what the three settings below name.",
    default: "off",
    values: ["off", "aws"],
  }),
  quotaRecordsPerSecond: wholeNumber({
    name: "quota-records-per-second",
    doc: "Records that each stream takes in a second, in place of what `quotas` says of them.",
    default: undefined,
    min: 1,
    max: 1_000_000_000,
  }),
  quotaRequestsPerSecond: wholeNumber({
    name: "quota-requests-per-second",
    doc: "PutRecord and PutRecordBatch calls, together, that each stream takes in a second, in place of what `quotas` says of them.",
    default: undefined,
    min: 1,
    max: 1_000_000_000,
  }),
  quotaBytesPerSecond: wholeNumber({
    name: "quota-bytes-per-second",
    doc: "Bytes of records that each stream takes in a second, in place of what `quotas` says of them.",
    default: undefined,
    min: 1,
    max: 1024 * 1024 * mebibyte,
  }),
  logLevel: choice({
    name: "log-level",
    doc: "The least important level that is logged.",
    default: "info",
    values: ["debug", "info", "warn", "error", "fatal", "silent"],
  }),
  logFormat: choice({
    name: "log-format",
    doc: "How the log is written: `pretty` for people, `json` for machines, `auto` for `pretty` on a terminal and else `json`.",
    default: "auto",
    values: ["auto", "pretty", "json"],
  }),
  shutdownSeconds: wholeNumber({
    name: "shutdown-seconds",
    doc: "How long requests and deliveries that are under way may take to finish when the server is told to stop.",
    default: 30,
    min: 0,
    max: 3600,
  }),
}

/** The name of a setting in code. */
export type SettingKey = keyof typeof settings

/** One value for each setting: given, or its default. */
export type SettingValues = { readonly [Key in SettingKey]: SettingValue<(typeof settings)[Key]> }
