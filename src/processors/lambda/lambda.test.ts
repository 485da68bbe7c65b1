import assert from "node:assert/strict"
import { test } from "node:test"
import { readFunctionArn } from "../../functions/index.ts"
import type { Parameters, ProcessedStream } from "../processor.ts"
import { lambda } from "./lambda.ts"
import { arn } from "./testing.ts"

const stream: ProcessedStream = {
  types: new Set(["Lambda"]),
  isPartitioned: false,
  prefixQueryKeys: new Set(),
  roleArn: "arn:aws:iam::123456789012:role/delivery",
}
const check = (parameters: Readonly<Record<string, string>>) =>
  lambda.check(new Map(Object.entries(parameters)), stream)
const hints = (parameters: Parameters) => lambda.hints?.(parameters)

const retries = "Number of retries for lambda must be between 0 and 300."
const size = "BufferSizeInMBs for lambda processor must be between 0.2 and 3."
const interval = "BufferIntervalInSeconds for lambda processor must be between 0 and 900."
const both =
  "Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering for lambda processor."

test("Parameters that the service refuses are refused in its words", () => {
  const buffer = { BufferSizeInMBs: "1", BufferIntervalInSeconds: "60" }
  const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{}, "LambdaArn is required when Lambda processor is used."],
    [{ LambdaArn: "orders" }, "Invalid lambda ARN."],
    [{ LambdaArn: "arn:aws:s3:::orders" }, "Invalid lambda ARN."],
    [{ LambdaArn: `${arn}:a:b` }, "Invalid lambda ARN."],
    ...["-1", "301", "1.5", "", "many", "1e2", " 1"].map((NumberOfRetries) => [{ NumberOfRetries }, retries] as const),
    ...["0.1", "3.1", "0", "", "x", "1e0", "NaN", "."].map(
      (BufferSizeInMBs) => [{ ...buffer, BufferSizeInMBs }, size] as const,
    ),
    ...["-1", "901", "60.5", "x"].map(
      (seconds) => [{ ...buffer, BufferIntervalInSeconds: seconds }, interval] as const,
    ),
    [{ BufferSizeInMBs: "1" }, both],
    [{ BufferIntervalInSeconds: "60" }, both],
  ]
  for (const [parameters, message] of cases) {
    const given =
      message.includes("ARN.") || message.includes("LambdaArn") ? parameters : { LambdaArn: arn, ...parameters }
    assert.equal(check(given), message, JSON.stringify(given))
  }
})

test("Parameters at their limits are taken", () => {
  for (const qualifier of ["", ":$LATEST", ":live", ":42"])
    assert.equal(check({ LambdaArn: `${arn}${qualifier}` }), undefined)
  assert.equal(check({ LambdaArn: arn.replace("aws", "aws-cn") }), undefined)
  for (const NumberOfRetries of ["0", "300"]) assert.equal(check({ LambdaArn: arn, NumberOfRetries }), undefined)
  for (const BufferSizeInMBs of ["0.2", "1.0", "3", "3.0"]) {
    for (const BufferIntervalInSeconds of ["0", "900"]) {
      assert.equal(check({ LambdaArn: arn, BufferSizeInMBs, BufferIntervalInSeconds }), undefined)
    }
  }
})

test("Parameters are described in the service's order, with its defaults", () => {
  const parameter = (ParameterName: string, ParameterValue: string) => ({ ParameterName, ParameterValue })
  assert.deepEqual(lambda.withDefaults([parameter("LambdaArn", arn)], stream), [
    parameter("LambdaArn", arn),
    parameter("NumberOfRetries", "3"),
    parameter("RoleArn", stream.roleArn),
    parameter("BufferSizeInMBs", "1"),
    parameter("BufferIntervalInSeconds", "60"),
  ])
  const given = [
    parameter("BufferIntervalInSeconds", "0"),
    parameter("RoleArn", "arn:aws:iam::123456789012:role/function"),
    parameter("BufferSizeInMBs", "0.5"),
    parameter("NumberOfRetries", "0"),
    parameter("LambdaArn", arn),
  ]
  assert.deepEqual(lambda.withDefaults(given, stream), [given[4], given[3], given[1], given[2], given[0]])
})

test("As much is collected as the parameters say", () => {
  assert.deepEqual(hints(new Map()), { sizeBytes: 1_048_576, intervalMs: 60_000, waits: true })
  const given = { BufferSizeInMBs: "0.2", BufferIntervalInSeconds: "0" }
  assert.deepEqual(hints(new Map(Object.entries(given))), { sizeBytes: 209_715, intervalMs: 0, waits: true })
})

test("An ARN is read with its qualifier", () => {
  assert.deepEqual(readFunctionArn(`${arn}:live`), { unqualifiedArn: arn, name: "orders", qualifier: "live" })
  assert.deepEqual(readFunctionArn(arn), { unqualifiedArn: arn, name: "orders", qualifier: "$LATEST" })
})
