import { createRequire } from "node:module"
import { WriteStream } from "node:tty"
import { pino, stdSerializers, stdTimeFunctions } from "pino"
import { describeLine } from "./describe-line.ts"
import type { Logger } from "./logger.ts"

export interface LoggerOptions {
  /** The least important level that is written. */
  readonly level: "debug" | "info" | "warn" | "error" | "fatal" | "silent"
  /** `pretty` for a person at a terminal, `json` (one object a line) for whatever collects logs. */
  readonly format: "pretty" | "json"
  /** Where lines go, whole and in order. Coloured when it is a terminal that can (NO_COLOR turns it off). */
  readonly destination: { write(line: string): unknown }
}

/** The program's log. A line is handed to `destination` before the call returns: the last words of a crash are not lost. */
export function createLogger({ level, format, destination }: LoggerOptions): Logger {
  if (format === "json") {
    const formatters = { level: levelByName }
    const options = { level, base: null, serializers, timestamp: stdTimeFunctions.isoTime, formatters }
    return pino(options, { write: (line) => void destination.write(line) })
  }
  // Loaded only where a person reads: it would take an eighth of a start.
  const { prettyFactory }: typeof import("pino-pretty") = createRequire(import.meta.url)("pino-pretty")
  const prettify = prettyFactory({
    colorize: destination instanceof WriteStream && destination.hasColors(),
    translateTime: "SYS:HH:MM:ss.l",
    customPrettifiers: { time: (time) => String(time) },
    // Fields come after the sentence, on the same line, from messageFormat: pino-pretty's own form takes a line for each.
    hideObject: true,
    messageFormat: describeLine,
  })
  return pino({ level, base: null, serializers }, { write: (line) => void destination.write(prettify(line)) })
}

/** What another thread logged is an object already (relay-line.ts), whose type would be lost. */
const serializers = { err: (err: unknown) => (err instanceof Error ? stdSerializers.err(err) : err) }

/** "info" instead of pino's 30, which nobody knows by heart. */
function levelByName(label: string): { level: string } {
  return { level: label }
}
