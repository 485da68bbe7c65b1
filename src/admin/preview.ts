/** What would become of records, without anything being stored or delivered. */
import { isUtf8 } from "node:buffer"
import type { PreviewedOutput, PreviewedStream, PreviewOutcome } from "../delivery/index.ts"
import { blob, jsonObject, list, optional, readShape, structure } from "../shapes/index.ts"
import { type Answer, json, refusal } from "./answer.ts"
import type { AdminParts, AdminRequest } from "./parts.ts"
import { readTimeout, withTimeout } from "./timeout.ts"

/** As many as one PutRecordBatch takes, and their bytes (spec/ingest.md, section 2). */
const recordsMax = 500
const recordsBytesMax = 4 * 1024 * 1024
/** Records in base64, and the definition of a stream. */
export const previewBodyBytesMax = 8 * 1024 * 1024
/** What records are unpacked to may be far more than they are. */
const answerBytesMax = 64 * 1024 * 1024

const previewBody = structure("What is to be previewed.", {
  configuration: optional(jsonObject("The input of CreateDeliveryStream; for a stream that does not exist.")),
  records: list("The records, in base64.", blob("A record."), { countMin: 1, countMax: recordsMax }),
})

export async function preview(parts: AdminParts, request: AdminRequest): Promise<Answer> {
  const timeout = readTimeout(request.query, "a preview")
  if (timeout.kind === "refused") return timeout.answer
  const given = readShape(previewBody, parseJson(request.body))
  if (given.kind === "refused") {
    const problems = given.problems.map(({ path, message }) => `${path}: ${message}`.replace(/^: /, ""))
    return refusal(
      400,
      `The body can't be read: ${problems.join("; ") || "it is not JSON"}`,
      `Send {"records":["BASE64", ...]}, 1 to ${recordsMax} of them; for a stream that does not exist with its "configuration"`,
    )
  }
  const { records, configuration } = given.value
  const sizeBytes = records.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (sizeBytes > recordsBytesMax) {
    return refusal(
      413,
      `The records have ${sizeBytes} bytes, and a preview takes ${recordsBytesMax}`,
      "A few records show as much as many",
    )
  }
  const chosen = chooseStream(parts, request.streamName, configuration)
  if (chosen.kind === "refused") return chosen.answer
  const outcome = await withTimeout(parts.clock, timeout.seconds, request.signal, (signal) =>
    parts.delivery.preview({ stream: chosen.stream, records }, signal),
  )
  return answerOf(outcome, chosen.stream.name, timeout.seconds)
}

type Chosen =
  | { readonly kind: "chosen"; readonly stream: PreviewedStream }
  | { readonly kind: "refused"; readonly answer: Answer }

function chooseStream({ catalog, readDefinition }: AdminParts, name: string, configuration: unknown): Chosen {
  if (name !== "") {
    const stream = catalog.find(name)
    if (configuration !== undefined) {
      const message = `A preview of "${name}" takes no configuration of its own`
      return refused(refusal(400, message, "Send it to /preview instead, or leave the configuration out"))
    }
    if (stream !== undefined) return { kind: "chosen", stream }
    const help = "Those that exist: hydrant streams list, or GET /streams"
    return refused(refusal(404, `There is no delivery stream "${name}"`, help))
  }
  if (configuration === undefined) {
    const help = "Send it as configuration, or ask POST /streams/NAME/preview for a stream that exists"
    return refused(refusal(400, "It is not said what stream this is a preview of", help))
  }
  const read = readDefinition(configuration)
  if (read.kind === "read") return { kind: "chosen", stream: read.stream }
  const help = "CreateDeliveryStream would answer the same: correct the configuration"
  return refused(json(400, { message: `${read.message} (${read.type})`, help, type: read.type }))
}

function refused(answer: Answer): Chosen {
  return { kind: "refused", answer }
}

function answerOf(outcome: PreviewOutcome, streamName: string, seconds: number): Answer {
  switch (outcome.kind) {
    case "ended":
      return refusal(
        504,
        `The records were not processed within ${seconds} seconds`,
        "A function that takes long, or is tried again and again, needs a longer timeout-seconds",
      )
    case "failed":
      return refusal(
        502,
        `The records can't be processed now: ${outcome.message}`,
        "A stream would try it again until it works",
      )
    case "previewed": {
      const records = outcome.records.map(({ outputs }) => ({
        outcomes: outputs.length === 0 ? [{ kind: "dropped" }] : outputs.map(shownOutput),
      }))
      const backup = outcome.backup === undefined ? {} : { backup: outcome.backup }
      const answer = json(200, { streamName, records, ...backup })
      if (answer.body.length <= answerBytesMax) return answer
      return refusal(413, "What would become of these records is too much for an answer", "Preview fewer of them")
    }
  }
}

function shownOutput(output: PreviewedOutput): object {
  const { location } = output
  if (output.kind === "delivered") {
    const { data, partition } = output
    return { kind: "delivered", location, ...(partition !== undefined && { partition }), ...shownData(data) }
  }
  const { kind: errorType, code: errorCode, message: errorMessage, attemptsMade } = output.failure
  const errorRecord = Buffer.from(output.errorRecord).toString()
  return { kind: "failed", location, errorType, errorCode, errorMessage, attemptsMade, errorRecord }
}

/** As text where it is one. */
function shownData(data: Uint8Array): { readonly text: string } | { readonly base64: string } {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return isUtf8(bytes) ? { text: bytes.toString() } : { base64: bytes.toString("base64") }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    // The one way in which JSON.parse fails; no shape takes it.
    return undefined
  }
}
