import assert from "node:assert/strict"
import { test } from "node:test"
import { RefusalLog } from "./refusal-log.ts"
import { RecordedLogger, SetClock } from "./testing.ts"

test("Refused puts are logged once a second at most, with how many they were", () => {
  const clock = new SetClock()
  const logger = new RecordedLogger()
  const refusals = new RefusalLog(clock, logger)
  for (let count = 0; count < 3; count++) refusals.report("s", "The disk is full")
  clock.elapsedMs = 999
  refusals.report("s", "The disk is full")
  clock.elapsedMs = 1000
  refusals.report("other", "The queue is full")
  assert.deepEqual(
    logger.at("warn").map((line) => line.fields),
    [
      { stream: "s", reason: "The disk is full", refusedPuts: 1 },
      { stream: "other", reason: "The queue is full", refusedPuts: 4 },
    ],
  )
})
