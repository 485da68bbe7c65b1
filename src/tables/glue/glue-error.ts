import { TableError, type TableErrorCode } from "../table-error.ts"
import { latestVersion, type TableReference } from "../tables.ts"

interface Fault {
  readonly code: TableErrorCode
  readonly advice: string
}

const denied = (advice: string): Fault => ({ code: "DataFormatConversion.AccessDenied", advice })
const throttled: Fault = {
  code: "DataFormatConversion.ThrottledByGlue",
  advice: "Glue is asked too often: it is asked again later; raise its quota when this goes on",
}
const missing: Fault = {
  code: "DataFormatConversion.EntityNotFound",
  advice: "create it there, or correct its name: upper and lower case are told apart",
}
const timedOut: Fault = {
  code: "DataFirehose.InternalError",
  advice: "Glue did not answer in time: it is asked again later",
}

/** Errors of Glue, and of its client, by their names: spec/format-conversion.md, section 6. */
const faults: Readonly<Record<string, Fault>> = {
  AccessDeniedException: denied("allow glue:GetTable and glue:GetTableVersion on it to the credentials in use"),
  CredentialsProviderError: denied("give the server credentials for Glue"),
  ExpiredTokenException: denied("renew the credentials"),
  IncompleteSignatureException: denied("check the credentials"),
  InvalidClientTokenId: denied("check the access key"),
  InvalidSignatureException: denied("check the secret key, and that the table's region is that of glue-endpoint"),
  MissingAuthenticationTokenException: denied("give the server credentials for Glue"),
  UnrecognizedClientException: denied("check the access key"),
  EntityNotFoundException: missing,
  GlueEncryptionException: {
    code: "DataFormatConversion.GlueEncryptionException",
    advice: "the catalog is encrypted: allow its KMS key to the credentials in use",
  },
  InvalidInputException: {
    code: "DataFormatConversion.InvalidInput",
    advice: "correct the catalog, the database or the table that the stream names",
  },
  OperationTimeoutException: {
    code: "DataFormatConversion.SchemaValidationTimeout",
    advice: "Glue did not come to an end in time: it is asked again later",
  },
  RequestLimitExceeded: throttled,
  ThrottlingException: throttled,
  TooManyRequestsException: throttled,
  TimeoutError: timedOut,
  ValidationException: {
    code: "DataFormatConversion.InvalidInput",
    advice: "correct the catalog, the database or the table that the stream names",
  },
}

const unreachable: Fault = {
  code: "DataFirehose.InternalError",
  advice: "check glue-endpoint and whether it can be reached; it is asked again later",
}

/** What went wrong when Glue was asked for a table. */
export function glueError(cause: unknown, reference: TableReference, endpoint: string): TableError {
  const { databaseName, tableName, versionId } = reference
  const { code, advice } = faultOf(cause, versionId)
  const version = versionId === latestVersion ? "" : `version ${versionId} of `
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new TableError(
    code,
    `Cannot read ${version}the table "${tableName}" of database "${databaseName}" from the Glue at "${endpoint}": ${advice} (${reason})`,
    { cause },
  )
}

function faultOf(cause: unknown, versionId: string): Fault {
  if (!(cause instanceof Error)) return unreachable
  // The client calls these time-outs too.
  if ("code" in cause && (cause.code === "ECONNRESET" || cause.code === "EPIPE")) return unreachable
  // Of a version that is not there Glue says the same as of a table, but for the text.
  const isOfVersion = versionId !== latestVersion && /version/i.test(cause.message)
  if (isOfVersion && (cause.name === "EntityNotFoundException" || cause.name === "InvalidInputException")) {
    return {
      code: "DataFormatConversion.InvalidVersionId",
      advice: `use ${latestVersion}, or a version that the table has`,
    }
  }
  return faults[cause.name] ?? unreachable
}
