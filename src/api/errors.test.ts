import assert from "node:assert/strict"
import { test } from "node:test"
import * as errors from "./errors.ts"
import { readServiceModel } from "./service-model.ts"

test("Every type has the HTTP status of the service model, and every modelled error is there", () => {
  const model = readServiceModel()
  const modelled = Object.entries(model.errors).map(([type, { httpStatus }]) => [type, httpStatus] as const)
  const expected = new Map([...Object.entries(model.commonErrors), ...modelled])
  for (const [type, status] of Object.entries(errors.statuses)) assert.equal(status, expected.get(type), type)
  for (const [type] of modelled) assert.ok(Object.hasOwn(errors.statuses, type), type)
})

const bodies: readonly [errors.ApiError, status: number, body: string][] = [
  [
    errors.resourceNotFound("s", "123456789012"),
    400,
    '{"__type":"ResourceNotFoundException","message":"Firehose s under account 123456789012 not found."}',
  ],
  [errors.serviceUnavailable(), 503, '{"__type":"ServiceUnavailableException","message":"Slow down."}'],
  [
    errors.invalidSource("Decompression", "Only CloudWatch Logs may put"),
    400,
    '{"__type":"InvalidSourceException","code":"Decompression","message":"Only CloudWatch Logs may put"}',
  ],
  [
    errors.concurrentModification("s", { current: "2", given: "1" }),
    400,
    '{"__type":"ConcurrentModificationException","message":"Cannot update firehose: s since the current version id: 2 and specified version id: 1 do not match"}',
  ],
  [
    errors.malformedInput([
      { kind: "constraint", path: "a", message: "limit" },
      { kind: "type", path: "b", message: "first" },
      { kind: "type", path: "c", message: "second" },
    ]),
    400,
    '{"__type":"SerializationException","Message":"first"}',
  ],
  [errors.notJson(), 400, '{"__type":"SerializationException"}'],
  [errors.unknownOperation(), 400, '{"__type":"UnknownOperationException"}'],
]

for (const [error, status, body] of bodies) {
  test(`${error.type} is answered with ${body}`, () => {
    assert.equal(error.status, status)
    assert.equal(error.body, body)
  })
}
