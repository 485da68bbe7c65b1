import assert from "node:assert/strict"
import { test } from "node:test"
import { createLogger } from "./create-logger.ts"
import type { Logger } from "./logger.ts"
import { relayLine } from "./relay-line.ts"

for (const format of ["json", "pretty"] as const) {
  test(`A relayed line reads as one that was written here: ${format}`, () => {
    const lines: string[] = []
    const logger = createLogger({ level: "info", format, destination: { write: (line) => lines.push(line) } })
    const relay = { write: (line: string) => relayLine(logger, line) }
    const elsewhere = createLogger({ level: "debug", format: "json", destination: relay })
    const err = Object.assign(new TypeError("no", { cause: new Error("because") }), { code: "ENOSPC" })
    const says: ((to: Logger) => void)[] = [
      (to) => to.error({ err, waitMs: 3 }, "Cannot write"),
      (to) => to.warn({ err }, "Cannot write"),
      (to) => to.child({ stream: "orders" }).info({ location: "/b/k", sizes: [1, 2] }, "Delivered"),
      (to) => to.debug("quiet"),
      (to) => to.fatal({ reason: "two\nlines" }, "The last word"),
    ]
    for (const say of says) for (const to of [logger, elsewhere]) say(to)
    const withoutTime = lines.map((line) => line.replace(/"time":"[^"]+",|^[\d:.]+ /, ""))
    assert.equal(withoutTime.length, 8)
    for (let index = 0; index < withoutTime.length; index += 2) {
      assert.equal(withoutTime[index + 1], withoutTime[index])
    }
  })
}
