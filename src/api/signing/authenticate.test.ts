import assert from "node:assert/strict"
import { hash } from "node:crypto"
import { test } from "node:test"
import { type Authentication, createAuthenticate, type SignedRequest } from "./index.ts"
import { authenticate, clock, nowMs, received, region, signer, unsigned, withHeader } from "./testing.ts"

async function signed(options: { seconds?: number } & Parameters<typeof signer>[0] = {}): Promise<SignedRequest> {
  const signingDate = new Date(nowMs + (options.seconds ?? 0) * 1000)
  return received(await signer(options).sign(unsigned(), { signingDate }))
}

async function presigned(options: { seconds?: number; expiresIn?: number } & Parameters<typeof signer>[0] = {}) {
  const { seconds = 0, expiresIn = 60 } = options
  return received(
    await signer(options).presign(unsigned(), {
      signingDate: new Date(nowMs + seconds * 1000),
      expiresIn,
      unhoistableHeaders: new Set(["x-amz-target"]),
    }),
  )
}

function header(request: SignedRequest, name: string): string {
  const index = request.rawHeaders.findIndex((one, at) => at % 2 === 0 && one.toLowerCase() === name)
  const value = index === -1 ? undefined : request.rawHeaders[index + 1]
  assert(value !== undefined, `no header ${name}`)
  return value
}

/** Signs what no SDK would: `signedHeaders` as given, with the secret's own key. */
async function signedByHand(
  headers: Record<string, string>,
  signedHeaders: string,
  basicDate: string,
): Promise<SignedRequest> {
  const body = Buffer.from("{}")
  const lines = signedHeaders.split(";").map((name) => `${name}:${headers[name] ?? ""}\n`)
  const canonical = `POST\n/\n\n${lines.join("")}\n${signedHeaders}\n${hash("sha256", body)}`
  const scope = `20260314/${region}/firehose/aws4_request`
  const stringToSign = `AWS4-HMAC-SHA256\n${basicDate}\n${scope}\n${hash("sha256", canonical)}`
  const signature = await signer().sign(stringToSign, { signingDate: new Date(nowMs) })
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope},SignedHeaders=${signedHeaders},Signature=${signature}`
  return {
    method: "POST",
    url: "/",
    rawHeaders: [...Object.entries(headers).flat(), "Authorization", authorization],
    body,
  }
}

const accepted: Authentication = { kind: "accepted", accessKeyId: "AKIDEXAMPLE" }
const signatureDiffers: Authentication = {
  kind: "refused",
  type: "InvalidSignatureException",
  message:
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
}
const invalidToken: Authentication = {
  kind: "refused",
  type: "UnrecognizedClientException",
  message: "The security token included in the request is invalid.",
}

function invalidSignature(message: string): Authentication {
  return { kind: "refused", type: "InvalidSignatureException", message }
}

function incomplete(message: string): Authentication {
  return { kind: "refused", type: "IncompleteSignatureException", message }
}

test("Without credentials configured every request passes, an unsigned one too", () => {
  const open = createAuthenticate({ credentials: undefined, region, service: "firehose", clock })
  const request = { method: "POST", url: "/", rawHeaders: [], body: Buffer.alloc(0) }
  assert.deepEqual(open(request), { kind: "accepted", accessKeyId: undefined })
})

test("With no credential in the map nobody passes", async () => {
  const closed = createAuthenticate({ credentials: new Map(), region, service: "firehose", clock })
  assert.deepEqual(closed(await signed()), invalidToken)
})

test("A request that boto3 sent is accepted", () => {
  const request = {
    method: "POST",
    url: "/",
    rawHeaders: [
      ...["Host", "127.0.0.1:4573"],
      ...["Accept-Encoding", "identity"],
      ...["X-Amz-Target", "Firehose_20150804.PutRecord"],
      ...["Content-Type", "application/x-amz-json-1.1"],
      ...["User-Agent", "Botocore/1.43.11 ua/2.1 os/linux md/arch#x86_64 lang/python#3.11.7"],
      ...["X-Amz-Date", "20260314T150926Z"],
      ...["X-Amz-Security-Token", "the/session+token=="],
      ...[
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260314/eu-west-1/firehose/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=9e6cf2ee09c77275a1b47adc2f39febd9fb894539cd21299dc85a2a5469ac959",
      ],
      ...["amz-sdk-invocation-id", "194721cc-4378-4e18-9096-6419be5adc71"],
      ...["amz-sdk-request", "attempt=1"],
      ...["Content-Length", "64"],
    ],
    body: Buffer.from('{"DeliveryStreamName": "orders", "Record": {"Data": "aGVsbG8K"}}'),
  }
  assert.deepEqual(authenticate(request), accepted)
})

test("A body that was not signed is refused", async () => {
  const options = { signingDate: new Date(nowMs) }
  const request = unsigned()
  request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
  assert.deepEqual(authenticate(received(await signer().sign(request, options))), signatureDiffers)
})

test("A request without a signature of this kind is told that its token is missing", async () => {
  const missing: Authentication = {
    kind: "refused",
    type: "MissingAuthenticationTokenException",
    message: "Missing Authentication Token",
  }
  const request = await signed()
  for (const value of [undefined, "", "Bearer abc", "Basic YTpi", "AWS AKIDEXAMPLE:c2lnbmF0dXJl"]) {
    assert.deepEqual(authenticate(withHeader(request, "authorization", () => value)), missing, value)
  }
})

test("A request with both forms of a signature is refused", async () => {
  const request = { ...(await signed()), url: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256" }
  const both = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
  assert.deepEqual(authenticate(request), invalidSignature(both))
})

test("A header that lacks parts is told all of them, and what was given", async () => {
  const request = await signed()
  const bare = withHeader(
    withHeader(request, "x-amz-date", () => undefined),
    "authorization",
    () => "AWS4-HMAC-SHA256 x",
  )
  assert.deepEqual(
    authenticate(bare),
    incomplete(
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 x",
    ),
  )
  const unsignedHeader = withHeader(request, "authorization", (value) => value.replace(/, Signature=.*/, ""))
  assert.deepEqual(
    authenticate(unsignedHeader),
    incomplete(
      `Authorization header requires 'Signature' parameter. Authorization=${header(unsignedHeader, "authorization")}`,
    ),
  )
})

test("A query that lacks parts is told all of them", async () => {
  const request = {
    ...(await signed()),
    rawHeaders: ["host", "h"],
    url: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=",
  }
  assert.deepEqual(
    authenticate(request),
    incomplete(
      "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    ),
  )
})

test("An algorithm, credential or date that cannot be read is quoted back", async () => {
  const request = await signed()
  const otherAlgorithm = withHeader(request, "authorization", (value) => value.replace("HMAC", "ECDSA-P256"))
  assert.deepEqual(
    authenticate(otherAlgorithm),
    incomplete(
      `Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'. Authorization=${header(otherAlgorithm, "authorization")}`,
    ),
  )
  assert.deepEqual(
    authenticate(withHeader(request, "authorization", (value) => value.replace("/firehose/", "/"))),
    incomplete(
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/20260314/eu-west-1/aws4_request'",
    ),
  )
  assert.deepEqual(
    authenticate(withHeader(request, "x-amz-date", () => "2026-03-14")),
    incomplete("Date must be in ISO-8601 'basic format'. Got '2026-03-14'. See http://en.wikipedia.org/wiki/ISO_8601"),
  )
})

test("A signature is good for five minutes before and after its time, and no longer", async () => {
  assert.deepEqual(authenticate(await signed({ seconds: -300 })), accepted)
  assert.deepEqual(authenticate(await signed({ seconds: 300 })), accepted)
  assert.deepEqual(
    authenticate(await signed({ seconds: -301 })),
    invalidSignature(
      "Signature expired: 20260314T150425Z is now earlier than 20260314T150426Z (20260314T150926Z - 5 min.)",
    ),
  )
  assert.deepEqual(
    authenticate(await signed({ seconds: 301 })),
    invalidSignature(
      "Signature not yet current: 20260314T151427Z is still later than 20260314T151426Z (20260314T150926Z + 5 min.)",
    ),
  )
})

test("A presigned request is good for as long as it says", async () => {
  assert.deepEqual(authenticate(await presigned({ seconds: -3600, expiresIn: 3600 })), accepted)
  assert.deepEqual(
    authenticate(await presigned({ seconds: -61, expiresIn: 60 })),
    invalidSignature(
      "Signature expired: 20260314T150825Z is now earlier than 20260314T150826Z (20260314T150926Z - 60 sec.)",
    ),
  )
  assert.equal(authenticate(await presigned({ seconds: 301 })).kind, "refused")
  for (const expires of ["0", "604801", "-1", "1e3", "soon", ""]) {
    const request = await presigned()
    const url = request.url.replace("X-Amz-Expires=60", `X-Amz-Expires=${expires}`)
    assert.deepEqual(
      authenticate({ ...request, url }),
      invalidSignature(`X-Amz-Expires must be a number of seconds from 1 to 604800, not '${expires}'`),
    )
  }
})

test("The Date header counts when there is no X-Amz-Date", async () => {
  const dated = (date: string, basicDate: string) => signedByHand({ date, host: "h" }, "date;host", basicDate)
  assert.deepEqual(authenticate(await dated("Sat, 14 Mar 2026 15:05:26 GMT", "20260314T150526Z")), accepted)
  assert.deepEqual(authenticate(await dated("20260314T151026Z", "20260314T151026Z")), accepted)
  assert.deepEqual(
    authenticate(await dated("Sat, 14 Mar 2026 14:09:26 GMT", "20260314T140926Z")),
    invalidSignature(
      "Signature expired: 20260314T140926Z is now earlier than 20260314T150426Z (20260314T150926Z - 5 min.)",
    ),
  )
  assert.deepEqual(
    authenticate(await dated("at noon", "20260314T150926Z")),
    incomplete("Date must be in ISO-8601 'basic format'. Got 'at noon'. See http://en.wikipedia.org/wiki/ISO_8601"),
  )
})

test("A credential of another region, service, terminator or day is refused", async () => {
  assert.deepEqual(
    authenticate(await signed({ region: "us-east-1" })),
    invalidSignature("Credential should be scoped to a valid region, not 'us-east-1'."),
  )
  assert.deepEqual(
    authenticate(await signed({ service: "kinesis" })),
    invalidSignature("Credential should be scoped to correct service: 'firehose'."),
  )
  const changed = async (from: string, to: string) =>
    authenticate(withHeader(await signed(), "authorization", (value) => value.replace(from, to)))
  assert.deepEqual(
    await changed("/aws4_request", "/aws5"),
    invalidSignature("Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'."),
  )
  assert.deepEqual(
    await changed("/20260314/", "/20260313/"),
    invalidSignature(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260313' != '20260314', from '20260314T150926Z'.",
    ),
  )
})

test("Host, and the target when it is sent, must be signed", async () => {
  const changed = async (from: string, to: string) =>
    authenticate(withHeader(await signed(), "authorization", (value) => value.replace(from, to)))
  assert.deepEqual(
    await changed("host;", ""),
    invalidSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
  )
  assert.deepEqual(
    await changed(";x-amz-target", ""),
    invalidSignature("'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."),
  )
})

test("A header that a proxy adds does not matter", async () => {
  const sent = await signed()
  const added = ["X-Amz-Cf-Id", "abc", "X-Amzn-Trace-Id", "Root=1", "Via", "1.1 proxy"]
  assert.deepEqual(authenticate({ ...sent, rawHeaders: [...sent.rawHeaders, ...added] }), accepted)
})

test("A signed header that is named twice or is not there is refused", async () => {
  const date = "20260314T150926Z"
  const headers = { host: "h", "x-amz-date": date }
  assert.deepEqual(authenticate(await signedByHand(headers, "host;x-amz-date", date)), accepted)
  assert.deepEqual(authenticate(await signedByHand(headers, "host;host;x-amz-date", date)), signatureDiffers)
  assert.deepEqual(authenticate(await signedByHand(headers, "host;missing;x-amz-date", date)), signatureDiffers)
})

test("An access key id that is not configured is refused", async () => {
  assert.deepEqual(authenticate(await signed({ accessKeyId: "AKIDOTHER" })), invalidToken)
})

test("A session token must be the configured one", async () => {
  const accessKeyId = "ASIAEXAMPLE"
  const sessionToken = "the/session+token=="
  const own: Authentication = { kind: "accepted", accessKeyId }
  assert.deepEqual(authenticate(await signed({ accessKeyId, sessionToken })), own)
  assert.deepEqual(authenticate(await presigned({ accessKeyId, sessionToken })), own)
  assert.deepEqual(authenticate(await signed({ accessKeyId })), invalidToken)
  assert.deepEqual(authenticate(await signed({ accessKeyId, sessionToken: "the/session+token=!" })), invalidToken)
  assert.deepEqual(authenticate(await presigned({ accessKeyId, sessionToken: "other" })), invalidToken)
  // A key that was configured without one takes what the client has in its environment.
  assert.deepEqual(authenticate(await signed({ sessionToken })), accepted)
})
