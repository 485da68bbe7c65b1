import type { Logger } from "./logger.ts"

const levels = ["debug", "info", "warn", "error", "fatal"] as const

/** Writes a line to the log that another thread made as JSON (create-logger.ts). Its time is that of the writing. */
export function relayLine(logger: Logger, line: string): void {
  const { level: name, time: _, msg, ...fields }: Record<string, unknown> = JSON.parse(line)
  const level = levels.find((one) => one === name) ?? "error"
  logger[level](fields, String(msg))
}
