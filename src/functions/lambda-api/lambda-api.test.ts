import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { type DoubleAnswer, LambdaDouble } from "../../../test/lambda-double/index.ts"
import { until } from "../../../test/support/until.ts"
import { answerBytesMax } from "../functions.ts"
import { arn } from "../testing.ts"
import { LambdaApi, type LambdaApiSettings } from "./lambda-api.ts"

async function startLambda(t: TestContext, settings: Partial<LambdaApiSettings> = {}) {
  const double = await LambdaDouble.start()
  const credentials = { accessKeyId: "AKID", secretAccessKey: "SECRET" }
  const api = new LambdaApi({ region: "us-east-1", endpoint: double.endpoint, credentials, ...settings })
  t.after(async () => {
    await api.close()
    await double.close()
  })
  const invoke = async (payload = "{}", signal = new AbortController().signal) => {
    const invocation = await api.invoke(arn, Buffer.from(payload), signal)
    return invocation.kind === "failed"
      ? invocation
      : ({ kind: "returned", text: Buffer.from(invocation.payload).toString() } as const)
  }
  return { double, api, invoke }
}

test("What a function returns is the answer, and its payload was what it was sent", async (t) => {
  const { double, invoke } = await startLambda(t)
  double.setFunction(arn, (payload) => ({ payload: `[${payload}]` }))
  assert.deepEqual(await invoke('{"a":"é"}'), { kind: "returned", text: '[{"a":"é"}]' })
  assert.deepEqual(double.invocations, [{ arn, payload: '{"a":"é"}' }])
  double.setFunction(arn, () => ({ payload: "" }))
  assert.deepEqual(await invoke(), { kind: "returned", text: "" })
})

const json = JSON.stringify
const answers: readonly (readonly [DoubleAnswer, string, RegExp])[] = [
  [{ functionError: json({ errorMessage: "no", errorType: "KeyError" }) }, "FunctionError", /^KeyError: no$/],
  [{ functionError: json({ errorMessage: "no" }) }, "FunctionError", /^no$/],
  [{ functionError: "no JSON" }, "FunctionError", /^no JSON$/],
  [{ functionError: "[]" }, "FunctionError", /^\[\]$/],
  [
    { functionError: json({ errorMessage: "2026-11-28T00:00:00Z 1 Task timed out after 3.00 seconds" }) },
    "FunctionTimedOut",
    /3\.00/,
  ],
  [{ functionError: json({ errorMessage: "x", errorType: "Sandbox.Timedout" }) }, "FunctionTimedOut", /x/],
  [{ error: "ResourceNotFoundException", status: 404 }, "ResourceNotFound", /of the double/],
  [{ error: "TooManyRequestsException", status: 429 }, "InvokeLimitExceeded", /of the double/],
  [{ error: "AccessDeniedException", status: 403 }, "InvokeAccessDenied", /of the double/],
  [{ error: "UnrecognizedClientException", status: 403 }, "InvalidSecurityToken", /of the double/],
  [{ error: "ExpiredTokenException", status: 403 }, "InvalidSecurityToken", /of the double/],
  [{ error: "InvalidRequestContentException", status: 400 }, "JsonProcessingException", /of the double/],
  [{ error: "KMSAccessDeniedException", status: 502 }, "FunctionError", /of the double/],
  [{ error: "InvalidZipFileException", status: 502 }, "InvalidZipFileException", /of the double/],
  [{ error: "ENILimitReachedException", status: 502 }, "ENILimitReachedException", /of the double/],
  [{ error: "InvalidSubnetIDException", status: 502 }, "InvalidSubnetIDException", /of the double/],
  [{ error: "InvalidSecurityGroupIDException", status: 502 }, "InvalidSecurityGroupIDException", /of the double/],
  [
    { error: "SubnetIPAddressLimitReachedException", status: 502 },
    "SubnetIPAddressLimitReachedException",
    /of the double/,
  ],
  [{ error: "ServiceException", status: 500 }, "InternalServerError", /of the double/],
  [{ error: "SomethingNew", status: 500 }, "InternalServerError", /SomethingNew/],
  [{ error: "SomethingNew", status: 400 }, "InvocationFailure", /SomethingNew/],
  [{ status: 503, body: "<html>" }, "ServiceUnavailable", /./],
  [{ status: 404, body: "nobody here" }, "ResourceNotFound", /./],
  ["break off", "TargetServerFailedToRespond", /socket hang up|ECONNRESET/],
]

test("What fails has the code that the service tells it by, and what was said about it", async (t) => {
  const { double, invoke } = await startLambda(t)
  for (const [answer, code, detail] of answers) {
    double.setFunction(arn, () => answer)
    const invocation = await invoke()
    assert.ok(invocation.kind === "failed", json(answer))
    assert.equal(invocation.code, `Lambda.${code}`, `${json(answer)} ${invocation.detail}`)
    assert.match(invocation.detail ?? "", detail)
    assert.equal(invocation.isTooLarge, undefined)
  }
  assert.equal(double.invocations.length, answers.length, "nothing is tried again by the client")
})

test("What is too large is told as such, whoever finds that out", async (t) => {
  const { double, invoke } = await startLambda(t)
  const message = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
  const large: readonly DoubleAnswer[] = [
    { functionError: json({ errorMessage: message, errorType: "Function.ResponseSizeTooLarge" }) },
    { error: "RequestTooLargeException", status: 413 },
    { status: 413, body: "" },
    { payload: json("x".repeat(answerBytesMax)) },
  ]
  for (const answer of large) {
    double.setFunction(arn, () => answer)
    const invocation = await invoke()
    assert.ok(invocation.kind === "failed" && invocation.isTooLarge)
    assert.equal(invocation.code, "Lambda.FunctionError")
  }
})

test("A service that does not answer in time, or is away, is told apart", async (t) => {
  const { double, invoke } = await startLambda(t, { requestTimeoutMs: 200 })
  double.setFunction(arn, () => "hang")
  const late = await invoke()
  assert.ok(late.kind === "failed")
  assert.equal(late.code, "Lambda.FunctionRequestTimedOut")
  await double.close()
  const away = await invoke()
  assert.ok(away.kind === "failed")
  assert.equal(away.code, "Lambda.TargetServerFailedToRespond")
})

test("Whoever stops waiting is told so, and the end ends what is under way", async (t) => {
  const { api, double, invoke } = await startLambda(t)
  double.setFunction(arn, () => "hang")
  const over = new AbortController()
  const given = invoke("{}", over.signal)
  await until(() => double.invocations.length === 1)
  over.abort(new Error("over"))
  await assert.rejects(given, /over/)
  const closed = invoke()
  await until(() => double.invocations.length === 2)
  await api.close()
  assert.equal((await closed).kind, "failed")
})
