import assert from "node:assert/strict"
import { test } from "node:test"
import { configured, process, texts } from "./testing.ts"

test("each record ends with the delimiter, whether it did already or not", async () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{}, "\n"],
    [{ Delimiter: "\n" }, "\n"],
    [{ Delimiter: "\\n" }, "\n"],
    [{ Delimiter: "\\\\n" }, "\n"],
    [{ Delimiter: "\\r\\n" }, "\r\n"],
    [{ Delimiter: "," }, ","],
    [{ Delimiter: "\u2028" }, "\u2028"],
  ]
  for (const [parameters, delimiter] of cases) {
    const processed = await process([configured("AppendDelimiterToRecord", parameters)], ["one", "two\n", ""])
    assert.deepEqual(texts(processed), [`0:one${delimiter}`, `1:two\n${delimiter}`, `2:${delimiter}`])
  }
})
