import assert from "node:assert/strict"
import { hash } from "node:crypto"
import { test } from "node:test"
import { Sha256 } from "@aws-crypto/sha256-js"
import { HttpRequest } from "@smithy/protocol-http"
import { SignatureV4 } from "@smithy/signature-v4"
import fc from "fast-check"
import type { Clock } from "../../platform/index.ts"
import { type Authentication, createAuthenticate, type SignedRequest } from "./index.ts"

const nowMs = Date.parse("2026-03-14T15:09:26.535Z")
const clock: Clock = { now: () => nowMs, elapsed: () => 0, sleep: async () => {} }
const region = "eu-west-1"
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
const credentials = new Map([
  ["AKIDEXAMPLE", { secretAccessKey }],
  ["ASIAEXAMPLE", { secretAccessKey, sessionToken: "the/session+token==" }],
])
const authenticate = createAuthenticate({ credentials, region, service: "firehose", clock })

/** Signs as the AWS SDK for JavaScript does. */
function signer(overrides: { accessKeyId?: string; sessionToken?: string; region?: string; service?: string } = {}) {
  const { accessKeyId = "AKIDEXAMPLE", sessionToken } = overrides
  return new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    region: overrides.region ?? region,
    service: overrides.service ?? "firehose",
    sha256: Sha256,
  })
}

const target = "Firehose_20150804.PutRecord"

function unsigned(overrides: Partial<ConstructorParameters<typeof HttpRequest>[0]> = {}): HttpRequest {
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
function received(request: Awaited<ReturnType<SignatureV4["presign"]>>): SignedRequest {
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

/** The request with one header's value changed; taken out when `change` answers undefined. */
function withHeader(
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

test("Whatever the AWS SDK for JavaScript signs in a header is accepted", async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, spelling, async (request, spell) => {
      const sent = received(await signer().sign(request, { signingDate: new Date(nowMs) }))
      assert.deepEqual(authenticate(spell(sent)), accepted)
    }),
    { numRuns: 200 },
  )
})

test("Whatever the AWS SDK for JavaScript signs in the query is accepted", async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, spelling, async (request, spell) => {
      const sent = received(
        await signer({ accessKeyId: "ASIAEXAMPLE", sessionToken: "the/session+token==" }).presign(request, {
          signingDate: new Date(nowMs),
        }),
      )
      assert.deepEqual(authenticate(spell(sent)), { kind: "accepted", accessKeyId: "ASIAEXAMPLE" })
    }),
    { numRuns: 200 },
  )
})

test("A signed request that was changed anywhere is refused", async () => {
  const form = fc.constantFrom<"header" | "query">("header", "query")
  await fc.assert(
    fc.asyncProperty(anyRequest, form, fc.gen(), async (request, inForm, pick) => {
      const options = { signingDate: new Date(nowMs) }
      const sent = received(
        inForm === "header" ? await signer().sign(request, options) : await signer().presign(request, options),
      )
      const changed = changedSomewhere(sent, (count) => pick(fc.nat, { max: count - 1 }))
      assert.equal(authenticate(changed).kind, "refused", JSON.stringify(changed))
    }),
    { numRuns: 400 },
  )
})

test("Nothing that a request can hold makes it throw, and nothing unsigned passes", () => {
  const credential = fc.constantFrom("AKIDEXAMPLE/20260314/eu-west-1/firehose/aws4_request", "a/b/c/d/e", "AKIDEXAMPLE")
  const part = fc.oneof(
    credential.map((text) => `Credential=${text}`),
    fc.constantFrom(
      "SignedHeaders=host;x-amz-date",
      "SignedHeaders=host",
      "SignedHeaders=;;",
      "Signature=",
      "Signature",
    ),
    fc.string({ unit: "binary" }).map((text) => `Signature=${text}`),
    fc.string({ unit: "binary" }),
  )
  const authorization = fc.array(part).map((parts) => `AWS4-HMAC-SHA256 ${parts.join(", ")}`)
  const date = fc.oneof(fc.constantFrom("20260314T150926Z", "20261399T999999Z"), fc.string())
  const headerPair = fc.oneof(
    fc.tuple(fc.constant("authorization"), fc.oneof(authorization, fc.string({ unit: "binary" }))),
    fc.tuple(fc.constantFrom("x-amz-date", "date"), date),
    fc.tuple(fc.constantFrom("host", "HOST", "x-amz-target"), fc.string({ unit: "binary" })),
    fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })),
  )
  const queryPair = fc.oneof(
    fc.constantFrom(
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      "X-Amz-Date=20260314T150926Z",
      "X-Amz-SignedHeaders=host",
      "X-Amz-Signature=ff",
      "X-Amz-Expires=60",
      "X-Amz-Expires=-1",
      "%ff=%",
    ),
    credential.map((text) => `X-Amz-Credential=${text}`),
    fc.string({ unit: "binary" }),
  )
  fc.assert(
    fc.property(
      fc.record({
        method: fc.string(),
        url: fc
          .tuple(fc.string({ unit: "binary" }), fc.array(queryPair))
          .map(([path, pairs]) => `${path}?${pairs.join("&")}`),
        rawHeaders: fc.array(headerPair).map((pairs) => pairs.flat()),
        body: fc.uint8Array(),
      }),
      (request) => assert.equal(authenticate(request).kind, "refused"),
    ),
    { numRuns: 2000 },
  )
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
  const dated = async (date: string, basicDate: string): Promise<SignedRequest> => {
    const body = Buffer.from("{}")
    const canonical = `POST\n/\n\ndate:${date}\nhost:h\n\ndate;host\n${hash("sha256", body)}`
    const scope = `20260314/${region}/firehose/aws4_request`
    const stringToSign = `AWS4-HMAC-SHA256\n${basicDate}\n${scope}\n${hash("sha256", canonical)}`
    const signature = await signer().sign(stringToSign, { signingDate: new Date(nowMs) })
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope},SignedHeaders=date;host,Signature=${signature}`
    return { method: "POST", url: "/", rawHeaders: ["Host", "h", "Date", date, "Authorization", authorization], body }
  }
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
  const changed = async (to: string) =>
    authenticate(withHeader(await signed(), "authorization", (value) => value.replace("host;", to)))
  assert.deepEqual(await changed("host;host;"), signatureDiffers)
  assert.deepEqual(await changed("host;missing;"), signatureDiffers)
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

const textAscii = fc.string({ unit: "grapheme-ascii" })
const headerName = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,12}$/)
  .map((name) => `x-test-${name}`)
  .filter((name) => name !== "x-test-")

/** Requests as a client could make them: any path, query, headers and body. */
const anyRequest = fc
  .record({
    method: fc.constantFrom("POST", "GET", "PUT"),
    path: fc
      .array(
        fc.oneof(fc.string({ unit: "grapheme" }).map(encodeURIComponent), fc.constantFrom("", ".", "..", "a%20b")),
        { maxLength: 4 },
      )
      .map((segments) => `/${segments.join("/")}`),
    query: fc.dictionary(
      fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => name.toLowerCase() !== "x-amz-signature"),
      fc.oneof(fc.string({ unit: "grapheme" }), fc.array(textAscii, { minLength: 1, maxLength: 3 })),
      { maxKeys: 3 },
    ),
    headers: fc.dictionary(headerName, textAscii, { maxKeys: 4 }),
    body: fc.string({ unit: "grapheme", maxLength: 200 }),
  })
  .map(({ headers, ...request }) => unsigned({ ...request, headers: { ...unsigned().headers, ...headers } }))

/** What may differ on the way from a signer to a server: the order and case of headers, and spaces around values. */
const spelling = fc
  .record({ rotation: fc.nat({ max: 10 }), upperCase: fc.boolean(), padding: fc.constantFrom("", " ", "\t ") })
  .map(({ rotation, upperCase, padding }) => (request: SignedRequest): SignedRequest => {
    const pairs: string[][] = []
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      const [name = "", value = ""] = request.rawHeaders.slice(index, index + 2)
      pairs.push([upperCase ? name.toUpperCase() : name, `${padding}${value}${padding}`])
    }
    const first = rotation % pairs.length
    return { ...request, rawHeaders: [...pairs.slice(first), ...pairs.slice(0, first)].flat() }
  })

/** One change of what a signature covers. `pick` gives a number from 0 up to, not including, `count`. */
function changedSomewhere(request: SignedRequest, pick: (count: number) => number): SignedRequest {
  const signatureInQuery = request.url.includes("X-Amz-Signature=")
  const changes: (() => SignedRequest)[] = [
    () => ({ ...request, method: request.method === "POST" ? "PUT" : "POST" }),
    () => ({ ...request, url: request.url.replace(/^[^?]*/, (path) => `${path}/changed`) }),
    () => ({ ...request, url: `${request.url}${request.url.includes("?") ? "&" : "?"}changed=1` }),
    () => ({ ...request, body: Buffer.concat([request.body, Buffer.from(" ")]) }),
    () => {
      const body = Buffer.from(request.body)
      const at = pick(Math.max(1, body.length))
      if (body.length === 0) return { ...request, body: Buffer.from("x") }
      body.writeUInt8(body.readUInt8(at) ^ (1 << pick(8)), at)
      return { ...request, body }
    },
    () => withHeader(request, "host", (value) => `${value}0`),
    () => withHeader(request, "content-type", (value) => `${value};`),
    () => withHeader(request, "content-type", () => undefined),
    () => ({ ...request, rawHeaders: [...request.rawHeaders, "Content-Type", "text/plain"] }),
    () =>
      signatureInQuery
        ? changedUrl()
        : withHeader(request, "x-amz-target", () => "Firehose_20150804.ListDeliveryStreams"),
    () => (signatureInQuery ? changedUrl() : withHeader(request, "x-amz-date", (value) => value.replace("26Z", "27Z"))),
    () => (signatureInQuery ? changedUrl() : withHeader(request, "authorization", changedSignature)),
  ]
  const change = changes[pick(changes.length)]
  assert(change !== undefined)
  return change()

  function changedUrl(): SignedRequest {
    return { ...request, url: changedSignature(request.url) }
  }
  function changedSignature(text: string): string {
    const start = text.lastIndexOf("Signature=") + "Signature=".length
    const at = start + pick(64)
    const digit = text.charAt(at)
    const others = [...Array.from("0123456789abcdef").filter((one) => one !== digit), "G", digit.toUpperCase()]
    const replacement = others.filter((one) => one !== digit)[pick(15)] ?? ""
    return `${text.slice(0, at)}${replacement}${text.slice(at + 1)}`
  }
}
