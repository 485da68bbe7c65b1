/** What the admin side answers, read by shapes: the server may be of another version than this program. */
import {
  boolean,
  double,
  enumeration,
  list,
  optional,
  readShape,
  type Shape,
  string,
  structure,
  type TypeOf,
} from "../shapes/index.ts"
import { CommandError } from "./failure.ts"

const deliveredObject = structure("An object that was delivered.", {
  location: string("Where it is, for a person."),
  recordCount: double("Records in it."),
  sizeBytes: double("Of its records, before compression."),
})
export type DeliveredObject = TypeOf<typeof deliveredObject>

const flushAnswer = structure("What a flush did.", {
  complete: boolean("Whether everything was delivered in time."),
  delivered: list("What was delivered meanwhile.", deliveredObject),
})

const previewedOutcome = structure("What would become of a record, or of a part of it.", {
  kind: enumeration("Whether it would be delivered.", ["delivered", "failed", "dropped"]),
  location: optional(string("Where the object would be, for a person.")),
  partition: optional(string("Its partition: the evaluated prefix.")),
  text: optional(string("What would be delivered.")),
  base64: optional(string("The same, where it is no text.")),
  errorType: optional(string("The error output type.")),
  errorCode: optional(string("Why it failed.")),
  errorMessage: optional(string("The same, for a person.")),
  errorRecord: optional(string("The line of the error object.")),
})
export type PreviewedOutcome = TypeOf<typeof previewedOutcome>

const previewAnswer = structure("What would become of records.", {
  streamName: string("Of which stream."),
  records: list(
    "One for each record.",
    structure("A record.", { outcomes: list("What would become of it.", previewedOutcome) }),
  ),
  backup: optional(string("Where the source records would be kept as well.")),
})
export type PreviewAnswer = TypeOf<typeof previewAnswer>

const streamSummary = structure("A delivery stream at this moment.", {
  name: string("Its name."),
  status: string("DeliveryStreamStatus."),
  deliveryEnabled: boolean("False while delivery is paused."),
  destination: string("The kind of its destination."),
  backlogRecords: optional(double("Records that are not delivered.")),
  oldestSeconds: optional(double("How long the oldest of them has been waiting.")),
  logBytes: optional(double("What they take on the disk.")),
})
export type StreamSummary = TypeOf<typeof streamSummary>

const streamsAnswer = structure("Every delivery stream.", {
  streams: list("In the order of their names.", streamSummary),
})

const refusal = structure("Why a question was not answered.", { message: string("The same, for a person.") })

/** The message of an answer of another status than 200. */
export function readRefusal(body: unknown): string {
  return read(refusal, body).message
}

export function readFlushAnswer(body: unknown): TypeOf<typeof flushAnswer> {
  return read(flushAnswer, body)
}

export function readPreviewAnswer(body: unknown): PreviewAnswer {
  return read(previewAnswer, body)
}

export function readStreamsAnswer(body: unknown): readonly StreamSummary[] {
  return read(streamsAnswer, body).streams
}

function read<T>(shape: Shape<T>, body: unknown): T {
  const outcome = readShape(shape, body)
  if (outcome.kind === "read") return outcome.value
  const problems = outcome.problems.map(({ path, message }) => `${path}: ${message}`).join("; ")
  throw new CommandError(
    `The admin side's answer is not understood: ${problems}`,
    "Is the server of the same version as this program?",
  )
}
