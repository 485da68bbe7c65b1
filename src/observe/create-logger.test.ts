import assert from "node:assert/strict"
import { test } from "node:test"
import { createLogger } from "./create-logger.ts"
import { relayLine } from "./relay-line.ts"

function capture() {
  const lines: string[] = []
  return { lines, destination: { write: (line: string) => lines.push(line) } }
}

test("The json log is one object a line, with the level's name and an ISO time", () => {
  const { lines, destination } = capture()
  const log = createLogger({ level: "info", format: "json", destination }).child({ stream: "orders" })
  log.info({ records: 3 }, "Delivered an object")
  assert.equal(lines.length, 1)
  const { time, ...rest } = JSON.parse(lines[0] ?? "")
  assert.deepEqual(rest, { level: "info", stream: "orders", records: 3, msg: "Delivered an object" })
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test("The pretty log reads: local time, level, sentence, fields, all on one line", () => {
  const { lines, destination } = capture()
  const log = createLogger({ level: "info", format: "pretty", destination }).child({ stream: "orders" })
  log.info({ folder: "a b", records: 3 }, "Delivered an object")
  assert.match(
    lines.join(""),
    /^\d\d:\d\d:\d\d\.\d{3} INFO: Delivered an object {2}stream=orders {2}folder="a b" {2}records=3\n$/,
  )
})

test("A warning tells why in a word, an error brings its stack", () => {
  const { lines, destination } = capture()
  const log = createLogger({ level: "debug", format: "pretty", destination })
  log.warn({ err: new Error("disk full") }, "Cannot write")
  log.error({ err: new Error("disk full") }, "Cannot write")
  assert.match(lines[0] ?? "", /WARN: Cannot write {2}\(disk full\)\n$/)
  assert.match(lines[1] ?? "", /ERROR: Cannot write\n {4}Error: disk full\n {8}at /)
})

test("Lines below the level are not written", () => {
  const { lines, destination } = capture()
  const log = createLogger({ level: "warn", format: "json", destination })
  log.info("quiet")
  log.warn("loud")
  assert.equal(lines.length, 1)
})

test("A line of another thread reads as if it was written here, errors too", () => {
  const here = capture()
  const log = createLogger({ level: "info", format: "pretty", destination: here.destination })
  const write = (line: string) => relayLine(log, line)
  const there = createLogger({ level: "debug", format: "json", destination: { write } }).child({ stream: "orders" })
  there.debug("below the level here")
  there.warn({ err: new Error("disk full") }, "Cannot write")
  assert.equal(here.lines.length, 1)
  assert.match(here.lines[0] ?? "", /WARN: Cannot write {2}stream=orders {2}\(disk full\)\n$/)
})
