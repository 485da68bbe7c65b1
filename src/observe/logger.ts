import type { Logger as PinoLogger } from "pino"

/** The structured log: fields first, then a sentence. Parts get a child with their own fields. */
export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error" | "fatal"> & {
  child(fields: Record<string, unknown>): Logger
}
