/** For tests: requests signed by the AWS SDK for JavaScript, as a server receives them. */
import { Sha256 } from "@aws-crypto/sha256-js"
import { HttpRequest } from "@smithy/protocol-http"
import { SignatureV4 } from "@smithy/signature-v4"
import type { Clock } from "../../platform/index.ts"
import { createAuthenticate, type SignedRequest } from "./index.ts"

/** When the tests take place. Half a second past, since signatures know whole seconds only. */
export const nowMs = Date.parse("2026-03-14T15:09:26.535Z")
export const clock: Clock = { now: () => nowMs, elapsed: () => 0, sleep: async () => {} }
export const region = "eu-west-1"
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
/** One key alone, and one that goes with a session token. */
export const credentials = new Map([
  ["AKIDEXAMPLE", { secretAccessKey }],
  ["ASIAEXAMPLE", { secretAccessKey, sessionToken: "the/session+token==" }],
])
export const authenticate = createAuthenticate({ credentials, region, service: "firehose", clock })

/** Signs as the AWS SDK for JavaScript does. */
export function signer(
  overrides: { accessKeyId?: string; sessionToken?: string; region?: string; service?: string } = {},
) {
  const { accessKeyId = "AKIDEXAMPLE", sessionToken } = overrides
  return new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    region: overrides.region ?? region,
    service: overrides.service ?? "firehose",
    sha256: Sha256,
  })
}

const target = "Firehose_20150804.PutRecord"

/** A PutRecord as the SDK has it before it is signed. */
export function unsigned(overrides: Partial<ConstructorParameters<typeof HttpRequest>[0]> = {}): HttpRequest {
  return new HttpRequest({
    method: "POST",
    path: "/",
    hostname: "127.0.0.1",
    headers: { host: "127.0.0.1:4573", "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
    body: '{"DeliveryStreamName":"s","Record":{"Data":"aGk="}}',
    ...overrides,
  })
}

/** A request of the SDK as a server's socket sees it. */
export function received(request: Awaited<ReturnType<SignatureV4["presign"]>>): SignedRequest {
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  const query = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    [value ?? ""].flat().map((one) => `${encoded(name)}=${encoded(one)}`),
  )
  return {
    method: request.method,
    url: query.length === 0 ? request.path : `${request.path}?${query.join("&")}`,
    rawHeaders: Object.entries(request.headers).flat(),
    body: Buffer.from(request.body ?? ""),
  }
}

/** The request with one header's value changed; taken out when `change` answers undefined. */
export function withHeader(
  request: SignedRequest,
  name: string,
  change: (value: string) => string | undefined,
): SignedRequest {
  const rawHeaders: string[] = []
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [given = "", value = ""] = request.rawHeaders.slice(index, index + 2)
    const changed = given.toLowerCase() === name ? change(value) : value
    if (changed !== undefined) rawHeaders.push(given, changed)
  }
  return { ...request, rawHeaders }
}
