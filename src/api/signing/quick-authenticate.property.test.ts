import assert from "node:assert/strict"
import { hash } from "node:crypto"
import { test } from "node:test"
import fc from "fast-check"
import { createAuthenticate, createQuickAuthenticate, type PlainPost } from "./index.ts"
import { deriveSigningKey, hmac } from "./signing-key.ts"
import { clock, credentials, nowMs, received, region, signer, unsigned } from "./testing.ts"

const options = { credentials, region, service: "firehose", clock } as const
const authenticatePlainly = createAuthenticate(options)

/** Through the plain way. */
function plainly({ fields, body }: PlainPost) {
  return authenticatePlainly({ method: "POST", url: "/", rawHeaders: [...fields].flat(), body })
}

interface Given {
  readonly body: string
  /** From now. */
  readonly seconds: number
  readonly accessKeyId: string
  readonly sessionToken: string | undefined
  readonly region: string
  readonly extra: Readonly<Record<string, string>>
}

async function signed({
  body,
  seconds,
  accessKeyId,
  sessionToken,
  region: signedRegion,
  extra,
}: Given): Promise<PlainPost> {
  const request = unsigned({ body, headers: { ...unsigned().headers, ...extra } })
  const credential = { accessKeyId, region: signedRegion, ...(sessionToken === undefined ? {} : { sessionToken }) }
  const sent = received(await signer(credential).sign(request, { signingDate: new Date(nowMs + seconds * 1000) }))
  const fields = new Map<string, string>()
  for (let index = 0; index < sent.rawHeaders.length; index += 2) {
    fields.set((sent.rawHeaders[index] ?? "").toLowerCase(), sent.rawHeaders[index + 1] ?? "")
  }
  return { fields, body: sent.body }
}

const mostly = <Value>(usual: Value, ...others: Value[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 4 }, { arbitrary: fc.constantFrom(usual, ...others), weight: 1 })

const given: fc.Arbitrary<Given> = fc.record({
  body: fc.string({ maxLength: 100 }),
  seconds: mostly(0, 1, -299, -300, -301, 300, 301, 86_400),
  accessKeyId: mostly("AKIDEXAMPLE", "ASIAEXAMPLE", "AKIDOTHER"),
  sessionToken: mostly<string | undefined>(undefined, "the/session+token==", "another"),
  region: mostly(region, "us-east-1"),
  extra: mostly<Given["extra"]>({}, { "x-test": "a  b" }, { "user-agent": "a/1 b/2" }),
})

/** A change of what was signed: of a field, or of the body. */
const change = fc.record({
  name: fc.constantFrom("authorization", "x-amz-date", "x-amz-target", "host", "content-type", "body", "none"),
  at: fc.nat(),
  text: fc.constantFrom("", "0", "a", "f", " ", "  ", ",", "=", ";", "Signature=", "host;"),
  remove: fc.boolean(),
})

function changed(
  request: PlainPost,
  { name, at, text, remove }: typeof change extends fc.Arbitrary<infer T> ? T : never,
) {
  const edited = (value: string) => {
    const index = at % (value.length + 1)
    return value.slice(0, index) + text + value.slice(index + text.length)
  }
  if (name === "none") return request
  if (name === "body")
    return { ...request, body: Buffer.from(edited(Buffer.from(request.body).toString("latin1")), "latin1") }
  const fields = new Map(request.fields)
  if (remove) fields.delete(name)
  else fields.set(name, edited(fields.get(name) ?? "").trim())
  return { ...request, fields }
}

test("Requests that come again and again are judged as the plain way judges each, whatever is changed in between", async () => {
  const one = fc.tuple(given, fc.array(change, { maxLength: 2 }))
  let knownCount = 0
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 8 }), async (sequence) => {
      const authenticate = createQuickAuthenticate(options)
      const accepted = new Set<string>()
      for (const [what, changes] of sequence) {
        const request = changes.reduce(changed, await signed(what))
        const expected = plainly(request)
        assert.deepEqual(authenticate(request), expected)
        const beginning = (request.fields.get("authorization") ?? "").slice(0, -64)
        if (expected.kind === "accepted" && accepted.has(beginning)) knownCount++
        if (expected.kind === "accepted") accepted.add(beginning)
      }
    }),
    { numRuns: 500 },
  )
  assert.ok(knownCount > 100, `only ${knownCount} were known already`)
})

/** Signs what no SDK would: a field that is not in its canonical form, or a time that is not on the key's day. */
function signedByHand(date: string, token: string): PlainPost {
  const secret = credentials.get("AKIDEXAMPLE")?.secretAccessKey ?? ""
  const key = deriveSigningKey(secret, "20260314", { region, service: "firehose" })
  const names = "host;x-amz-date;x-amz-target;x-test"
  const scope = `20260314/${region}/firehose/aws4_request`
  const values = { host: "h", "x-amz-date": date, "x-amz-target": "Firehose_20150804.PutRecord", "x-test": token }
  const lines = Object.entries(values).map(([name, value]) => `${name}:${value}\n`)
  const canonical = `POST\n/\n\n${lines.join("")}\n${names}\n${hash("sha256", "{}")}`
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash("sha256", canonical)}`).toString("hex")
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { fields: new Map(Object.entries({ ...values, authorization })), body: Buffer.from("{}") }
}

test("What only the plain way's rules refuse is refused though its signature is right", () => {
  const midnight = { ...clock, now: () => Date.parse("2026-03-14T23:59:59Z") }
  const authenticate = createQuickAuthenticate({ ...options, clock: midnight })
  const plain = createAuthenticate({ ...options, clock: midnight })
  for (const [date, value, kind] of [
    ["20260314T235958Z", "a b", "accepted"],
    ["20260314T235959Z", "a b", "accepted"],
    ["20260314T235959Z", "a  b", "refused"],
    ["20260315T000001Z", "a b", "refused"],
  ] as const) {
    const { fields, body } = signedByHand(date, value)
    const expected = plain({ method: "POST", url: "/", rawHeaders: [...fields].flat(), body })
    assert.equal(expected.kind, kind)
    assert.deepEqual(authenticate({ fields, body }), expected)
  }
})

test("Without credentials configured every request passes", () => {
  const open = createQuickAuthenticate({ ...options, credentials: undefined })
  assert.deepEqual(open({ fields: new Map(), body: Buffer.alloc(0) }), { kind: "accepted", accessKeyId: undefined })
})
