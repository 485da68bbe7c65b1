import { timestampFormatProblem } from "../../formats/index.ts"
import type { TypeOf } from "../../shapes/index.ts"
import { accountOf } from "./arns.ts"
import { type BufferingHints, type BufferingRules, checkBufferingHints } from "./buffering-hints.ts"
import type { dataFormatConversionConfiguration } from "./data-format-conversion.ts"

type ConversionConfiguration = TypeOf<typeof dataFormatConversionConfiguration>

/** What a conversion is held against: other members of the same destination. */
export interface BesideConversion {
  readonly RoleARN: string
  readonly BufferingHints?: BufferingHints
  readonly CompressionFormat?: string
}

/** Of records that are converted: spec/buffering.md, section 2. */
export const conversionBuffering = {
  sizeInMBsMin: 64,
  intervalInSecondsMin: 0,
  when: "data format conversion is enabled",
  defaults: { SizeInMBs: 128, IntervalInSeconds: 300 },
} as const satisfies BufferingRules

/** Unlike other switches, this one is on when the structure is there without it. */
export function isConverted(configuration: ConversionConfiguration | undefined): boolean {
  return configuration !== undefined && configuration.Enabled !== false
}

/** As it is described: what is read and written by default is not shown (spec/clients.md, section 5). */
export function withConversionDefaults(configuration: ConversionConfiguration): ConversionConfiguration {
  return { Enabled: true, ...configuration }
}

/**
 * What is wrong with a conversion, as the text of an InvalidArgumentException. In the service's order: spec/format-conversion.md,
 * section 1. One that is off may be anything.
 */
export function checkConversion(
  configuration: ConversionConfiguration | undefined,
  beside: BesideConversion,
): string | undefined {
  if (configuration === undefined || !isConverted(configuration)) return undefined
  const { InputFormatConfiguration: input, OutputFormatConfiguration: output } = configuration
  return (
    checkCompression(beside.CompressionFormat) ??
    checkBufferingHints(beside.BufferingHints, conversionBuffering) ??
    missing({
      InputFormatConfiguration: input,
      OutputFormatConfiguration: output,
      SchemaConfiguration: configuration.SchemaConfiguration,
    }) ??
    missing({ Deserializer: chosen(input?.Deserializer)[0], Serializer: chosen(output?.Serializer)[0] }) ??
    moreThanOne("deserializer", input?.Deserializer) ??
    moreThanOne("serializer", output?.Serializer) ??
    checkSchema(configuration.SchemaConfiguration, beside.RoleARN) ??
    checkTimestampFormats(input?.Deserializer?.HiveJsonSerDe?.TimestampFormats)
  )
}

function checkCompression(format = "UNCOMPRESSED"): string | undefined {
  if (format === "UNCOMPRESSED") return undefined
  return (
    "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled. " +
    "To enable compression within the converted output format, set the appropriate serialization option in the output format configuration."
  )
}

/** The first member that is not there. */
function missing(members: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(members).find((one) => members[one] === undefined)
  return name && `${name} must not be null`
}

/** The members that are given of a structure that should have one: none of them is the same as no structure. */
function chosen(structure: object = {}): readonly string[] {
  return Object.keys(structure)
}

function moreThanOne(what: string, structure: object | undefined): string | undefined {
  return chosen(structure).length > 1 ? `More than one ${what} specified. Only one may be chosen.` : undefined
}

function checkSchema(
  schema: ConversionConfiguration["SchemaConfiguration"] = {},
  destinationRoleArn: string,
): string | undefined {
  const required = { RoleArn: schema.RoleARN, DatabaseName: schema.DatabaseName, TableName: schema.TableName }
  for (const [name, value] of Object.entries(required)) {
    if (value === undefined) return `SchemaConfiguration.${name} must not be null or empty`
  }
  // AWS holds both against the account that calls. Here any account is taken, but it is the same for both.
  const account = accountOf(schema.RoleARN ?? "")
  const isOther = account !== undefined && account !== accountOf(destinationRoleArn)
  return isOther ? "Cross-account pass role is not allowed." : undefined
}

function checkTimestampFormats(formats: readonly string[] = []): string | undefined {
  return formats.map(timestampFormatProblem).find((problem) => problem !== undefined)
}
