import type { MessageFormatFunc } from "pino-pretty"

/** What pino and pino-pretty show elsewhere in the line. */
const shownElsewhere = new Set(["time", "level", "msg", "err"])

/** pino's number for `error`: from here on the stack is worth its lines. */
const errorLevel = 50

/** A line of the log for a person: the sentence, then the fields as `name=value`, then an error's message or stack. */
export const describeLine: MessageFormatFunc = (line, messageKey, _level, { colors }) => {
  const fields = Object.entries(line)
    .filter(([name]) => !shownElsewhere.has(name))
    .map(([name, value]) => `${colors.dim(`${name}=`)}${shortened(value)}`)
  const words = [String(line[messageKey] ?? ""), ...fields].join("  ")
  const failure = describeError(line["err"], typeof line["level"] === "number" && line["level"] >= errorLevel)
  return failure === undefined ? words : `${words}${failure.includes("\n") ? "\n" : "  "}${colors.dim(failure)}`
}

function describeError(error: unknown, withStack: boolean): string | undefined {
  if (typeof error !== "object" || error === null) return undefined
  if (withStack && "stack" in error) return String(error.stack).replace(/^/gm, "    ")
  return "message" in error ? `(${error.message})` : undefined
}

/** Text without spaces stands for itself; anything else as JSON, so that one line stays one line. */
function shortened(value: unknown): string {
  return typeof value === "string" && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)
}
