import { Pauses } from "./pauses.ts"
import type { ProcessorKind, RecordFailure, WorkingRecord } from "./processor.ts"

/** Takes the messages out of what CloudWatch Logs sends: spec/processing.md, section 6. */
export const cloudWatchLogProcessing: ProcessorKind = {
  type: "CloudWatchLogProcessing",
  parameterNames: ["DataMessageExtraction"],
  check(parameters, { types }) {
    const extraction = parameters.get("DataMessageExtraction") ?? "false"
    if (!/^(true|false)$/i.test(extraction)) {
      return "Invalid parameter value for DataMessageExtraction. Allowed values are True and False."
    }
    if (!types.has("Decompression")) {
      return "CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor"
    }
    return undefined
  },
  withDefaults: (parameters) => parameters,
  open(parameters, { clock }) {
    const isExtracting = parameters.get("DataMessageExtraction")?.toLowerCase() === "true"
    return {
      async process(records) {
        if (!isExtracting) return { records, failures: [], counts: [] }
        const pauses = new Pauses()
        const extracted: WorkingRecord[] = []
        const failures: RecordFailure[] = []
        for (const record of records) {
          if (pauses.areDue(record.data.length)) await pauses.take()
          const messages = messagesOf(record.data)
          if (messages === undefined) {
            failures.push({
              source: record.source,
              kind: "processing-failed",
              code: "CloudWatchLogProcessing.MalformedRecord",
              message: "The record is not a message of CloudWatch Logs: a JSON object with messageType and logEvents",
              attemptsMade: 1,
              attemptEndedMs: clock.now(),
            })
          } else if (messages.length > 0) {
            extracted.push({ ...record, data: Buffer.from(messages.join("\n")) })
          }
        }
        return { records: extracted, failures, counts: [] }
      },
    }
  },
}

/** None in what CloudWatch Logs only sends to see whether it can. Undefined when it is nothing that CloudWatch Logs sends. */
function messagesOf(data: Uint8Array): readonly string[] | undefined {
  const envelope = parse(data)
  if (!isObject(envelope)) return undefined
  if (envelope["messageType"] === "CONTROL_MESSAGE") return []
  const events: unknown = envelope["logEvents"]
  if (envelope["messageType"] !== "DATA_MESSAGE" || !Array.isArray(events)) return undefined
  const messages: string[] = []
  for (const event of events) {
    const message: unknown = isObject(event) ? event["message"] : undefined
    if (typeof message !== "string") return undefined
    messages.push(message)
  }
  return messages
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString())
  } catch (error) {
    // Any record may be put: this one is none of CloudWatch Logs.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
