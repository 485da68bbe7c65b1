import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { Authentication, SignedRequest } from "./index.ts"
import { authenticate, nowMs, received, signer, unsigned, withHeader } from "./testing.ts"

const accepted: Authentication = { kind: "accepted", accessKeyId: "AKIDEXAMPLE" }

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

const textAscii = fc.string({ unit: "grapheme-ascii" })
const headerName = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,12}$/)
  .map((name) => `x-test-${name}`)
  .filter((name) => name !== "x-test-")

/** Requests as a client could make them: any path, query, headers and body. (The SDK itself drops `__proto__`.) */
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
      fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => name !== "__proto__"),
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
    const others = Array.from("0123456789abcdefABCDEF").filter((digit) => digit !== text.charAt(at))
    const replacement = others[pick(others.length)] ?? ""
    return `${text.slice(0, at)}${replacement}${text.slice(at + 1)}`
  }
}
