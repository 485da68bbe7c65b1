import assert from "node:assert/strict"
import { boolean, optional, string, structure, type TypeOf } from "../../shapes/index.ts"
import type { ErrorLogTarget } from "../destination.ts"

/** Where failures are told: spec/observability.md, section 2. */
export const cloudWatchLoggingOptions = structure("Where delivery failures are logged for the stream's owner.", {
  Enabled: optional(boolean("False when absent.")),
  LogGroupName: optional(
    string("Needed when enabled.", { lengthMin: 0, lengthMax: 512, pattern: "[\\.\\-_/#A-Za-z0-9]*" }),
  ),
  LogStreamName: optional(string("Needed when enabled.", { lengthMin: 0, lengthMax: 512, pattern: "[^:*]*" })),
})

type CloudWatchLoggingOptions = TypeOf<typeof cloudWatchLoggingOptions>

/** What is wrong with the options; undefined when nothing is. The text of the stream's name is by analogy. */
export function checkCloudWatchLogging(options: CloudWatchLoggingOptions | undefined): string | undefined {
  if (options?.Enabled !== true) return undefined
  if (!options.LogGroupName) return "CloudWatch Log Group Name is required if CloudWatch Logging is enabled"
  if (!options.LogStreamName) return "CloudWatch Log Stream Name is required if CloudWatch Logging is enabled"
  return undefined
}

/** Where failures are logged; undefined when that is off. */
export function errorLogTarget(options: CloudWatchLoggingOptions | undefined): ErrorLogTarget | undefined {
  if (options?.Enabled !== true) return undefined
  const { LogGroupName: group, LogStreamName: stream } = options
  assert(group !== undefined && stream !== undefined, "Logging was enabled without a group and a stream")
  return { group, stream }
}
