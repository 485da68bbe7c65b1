/** What an operation is: a value with a name, the shape of its input, and what it does. It never sees the HTTP request. */
import type { DestinationKind } from "../destinations/index.ts"
import type { Ingest, Quota } from "../ingest/index.ts"
import type { Keys } from "../keys/index.ts"
import type { LatencyName, Logger, Metrics } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"
import { type JsonObject, readShape, type Shape } from "../shapes/index.ts"
import type { Catalog } from "../streams/index.ts"
import type { Tables } from "../tables/index.ts"
import { malformedInput } from "./errors.ts"
import type { RefusalLog } from "./refusal-log.ts"

/** The parts that operations work with. */
export interface Context {
  readonly catalog: Catalog
  readonly ingest: Ingest
  /** What each stream takes. */
  readonly quota: Quota
  readonly keys: Pick<Keys, "refusal">
  readonly destinations: readonly DestinationKind[]
  /** What destinations are held against: see `DestinationKind.verify`. */
  readonly tables: Tables
  /** Where this server claims to be: the parts of its streams' ARNs. */
  readonly identity: { readonly partition: string; readonly region: string; readonly accountId: string }
  readonly clock: Clock
  readonly metrics: Pick<Metrics, "add" | "event" | "latency">
  readonly logger: Logger
  readonly refusals: RefusalLog
  /** Streams that the catalog holds at most; told when it is reached. */
  readonly streamsMax: number
}

/** An operation, ready to be called by the protocol. */
export interface Operation {
  /** As in the target header, after the service's prefix. */
  readonly name: string
  readonly input: Shape<object>
  /** The metric that its durations go to; undefined for those that AWS publishes none of. */
  readonly latency: LatencyName | undefined
  /** Whether it puts records, and so counts against a stream's quota and not against the rate of its own. */
  readonly isPut: boolean
  /**
   * Reads the members of a request, does what is asked, and gives the answer as JSON text. `body` is what they were parsed
   * from, for an operation that another process performs.
   * @throws ApiError when the request is refused
   */
  run(context: Context, members: JsonObject, body: Buffer): Promise<string>
  /**
   * Reads a body that is in the form in which clients write it, and gives what will do and answer it, which throws or rejects
   * with an ApiError as `run` does; undefined when it is not, and so must be parsed for `run`. For the puts, where that is worth it.
   */
  readonly readQuickly: ((body: Buffer) => ((context: Context) => Promise<string>) | undefined) | undefined
}

interface OperationDefinition<Input extends object, Output extends object> {
  readonly name: string
  readonly input: Shape<Input>
  readonly latency?: LatencyName
  readonly isPut?: true
  /** @throws ApiError when the request is refused; any other error becomes InternalFailure */
  handle(context: Context, input: Input): Output | Promise<Output>
  /** Where JSON.parse is too slow. It must give what the shape reads, or undefined. */
  readonly readBody?: (body: Buffer) => Input | undefined
  /** Called when nobody looks any more at an input that `readBody` gave: its memory may be used again. */
  readonly release?: (input: Input) => void
  /** Where JSON.stringify is too slow. It must give the same text. */
  readonly encode?: (output: Output) => string
}

/** Makes an operation of its definition: the types of input and output stay inside. */
export function operation<Input extends object, Output extends object>(
  definition: OperationDefinition<Input, Output>,
): Operation {
  const { name, input, latency, isPut = false, readBody, release, encode = JSON.stringify } = definition
  const answer = (context: Context, given: Input) => {
    const output = definition.handle(context, given)
    return output instanceof Promise ? output.then(encode) : Promise.resolve(encode(output))
  }
  return {
    name,
    input,
    latency,
    isPut,
    async run(context, members) {
      const outcome = readShape(input, members)
      if (outcome.kind === "refused") throw malformedInput(outcome.problems)
      return answer(context, outcome.value)
    },
    readQuickly:
      readBody &&
      ((body) => {
        const given = readBody(body)
        if (given === undefined) return undefined
        if (release === undefined) return (context) => answer(context, given)
        return async (context) => {
          try {
            return await answer(context, given)
          } finally {
            release(given)
          }
        }
      }),
  }
}
