/** What went wrong, for the person who gave the command: a sentence, and what to do next. */
export class CommandError extends Error {
  readonly help: string | undefined

  constructor(message: string, help?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = "CommandError"
    this.help = help
  }
}

/** The command was given up by the user: nothing to explain. */
export class Interrupted extends Error {
  constructor() {
    super("Interrupted")
    this.name = "Interrupted"
  }
}

/**
 * The innermost system code (ECONNREFUSED, EADDRINUSE, ...) of a failure. Node's fetch and the AWS SDK wrap it one to
 * three layers deep, and a host with several addresses fails with an AggregateError of one failure each.
 */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ("code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) return error.code
  return systemCode(error instanceof AggregateError ? error.errors[0] : error.cause)
}

/** The message at the end of the chain of causes: fetch says only "fetch failed" itself. */
export function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : innermostMessage(error.cause)
}

/** Why a server did not answer, in words; undefined when the failure is another one. */
export function connectionProblem(error: unknown): string | undefined {
  switch (systemCode(error)) {
    case "ECONNREFUSED":
      return "nothing listens there"
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "there is no such host"
    case "ECONNRESET":
    case "EPIPE":
      return "the connection broke"
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "the host can't be reached"
    default:
      return undefined
  }
}
