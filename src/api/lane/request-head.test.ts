import assert from "node:assert/strict"
import { createServer } from "node:http"
import { duplexPair } from "node:stream"
import { test } from "node:test"
import fc from "fast-check"
import { readHead } from "./request-head.ts"

const usual: readonly string[] = [
  "Host: localhost:4573",
  "Content-Type: application/x-amz-json-1.1",
  "X-Amz-Target: Firehose_20150804.PutRecord",
  "User-Agent: Botocore/1.43.11 ua/2.1 os/linux",
  "Content-Length: 12",
]
const body = "GET /x HTTP/1"

const requestOf = (lines: readonly string[], start = "POST / HTTP/1.1") =>
  Buffer.from(`${[start, ...lines].join("\r\n")}\r\n\r\n${body}`, "latin1")

interface SeenRequest {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** The first request that Node's own server sees in some bytes; undefined when it sees none. */
function seenByNode(bytes: Buffer): Promise<SeenRequest | undefined> {
  return new Promise((resolve) => {
    const server = createServer((request) => {
      const { method, url, rawHeaders } = request
      let text = ""
      request.setEncoding("latin1")
      request.on("data", (chunk: string) => {
        text += chunk
      })
      request.on("end", () => resolve({ method, url, rawHeaders, body: text }))
    })
    server.on("clientError", () => resolve(undefined))
    for (const handedOff of ["upgrade", "connect", "checkContinue", "checkExpectation"]) {
      server.on(handedOff, () => resolve(undefined))
    }
    const [serverSide, clientSide] = duplexPair()
    server.emit("connection", serverSide)
    clientSide.end(bytes)
    clientSide.resume()
    serverSide.once("close", () => resolve(undefined))
  })
}

test("a head as clients send it is read", () => {
  const outcome = readHead(requestOf(usual))
  assert.ok(outcome.kind === "head")
  assert.equal(outcome.bodyBytes, 12)
  assert.deepEqual(
    [...outcome.fields],
    [
      ["host", "localhost:4573"],
      ["content-type", "application/x-amz-json-1.1"],
      ["x-amz-target", "Firehose_20150804.PutRecord"],
      ["user-agent", "Botocore/1.43.11 ua/2.1 os/linux"],
      ["content-length", "12"],
    ],
  )
})

test("a head that is not whole yet is waited for, at every point", () => {
  const request = requestOf(usual)
  const headBytes = request.length - body.length
  for (let count = 0; count < headBytes; count++) {
    assert.equal(readHead(request.subarray(0, count)).kind, "incomplete", `after ${count} bytes`)
  }
  assert.equal(readHead(request.subarray(0, headBytes)).kind, "head")
})

const withLine = (line: string) => requestOf([...usual, line])
const without = (name: string) => usual.filter((line) => !line.startsWith(name))

const left: readonly (readonly [what: string, request: Buffer])[] = [
  ["another method", requestOf(usual, "PUT / HTTP/1.1")],
  ["another path", requestOf(usual, "POST /x HTTP/1.1")],
  ["a query", requestOf(usual, "POST /?X-Amz-Algorithm=x HTTP/1.1")],
  ["HTTP/1.0", requestOf(usual, "POST / HTTP/1.0")],
  ["an empty line before it", Buffer.concat([Buffer.from("\r\n"), requestOf(usual)])],
  ["no fields", Buffer.from("POST / HTTP/1.1\r\n\r\n")],
  ["no host", requestOf(without("Host"))],
  ["no length", requestOf(without("Content-Length"))],
  ["a body in chunks", withLine("Transfer-Encoding: chunked")],
  ["a body in chunks instead of a length", requestOf([...without("Content-Length"), "transfer-encoding: chunked"])],
  ["a wish to go on", withLine("Expect: 100-continue")],
  ["another protocol", withLine("Upgrade: websocket")],
  ["a page that sent it", withLine("Origin: http://example.com")],
  ["a connection that ends", withLine("Connection: close")],
  ["a connection that changes", withLine("Connection: keep-alive, Upgrade")],
  ["a length twice", withLine("Content-Length: 12")],
  ["a name twice in other letters", withLine("HOST: localhost:4573")],
  ["a folded value", withLine("X-A: b\r\n c")],
  ["a line's end alone", withLine("X-A: b\nX-C: d")],
  ["a NUL before a line's end", withLine("X-A: b\0\nX-C: d")],
  ["a carriage return in a value", withLine("X-A: b\rX-C: d")],
  ["a space before the colon", withLine("X-A : b")],
  ["no colon", withLine("X-A")],
  ["no name", withLine(": b")],
  ["no value", withLine("X-A:")],
  ["a value of spaces", withLine("X-A:  ")],
  ["two spaces before a value", withLine("X-A:  b")],
  ["a space after a value", withLine("X-A: b ")],
  ["a tab", withLine("X-A: b\tc")],
  ["a NUL", withLine("X-A: b\0c")],
  ["a DEL", withLine("X-A: b\x7fc")],
  ["bytes beyond ASCII", withLine("X-A: \xe9")],
  ["an underscore in a name", withLine("X_A: b")],
  ["more than 8 KiB", withLine(`X-A: ${"b".repeat(8192)}`)],
  ["more than 8 KiB without an end", requestOf([`X-A: ${"b".repeat(8192)}`]).subarray(0, 8192)],
  ["more than 64 fields", requestOf([...usual, ...Array.from({ length: 60 }, (_, index) => `X-${index}: b`)])],
  ...["0", "00", "012", "+12", "-1", "12 ", "12,12", "0xc", "1e1", "12345678"].map(
    (length) =>
      [`the length "${length}"`, requestOf([...without("Content-Length"), `Content-Length: ${length}`])] as const,
  ),
]
for (const [what, request] of left) {
  test(`${what}: not in the lane's form`, () => assert.equal(readHead(request).kind, "other"))
}

test("whatever is read here, Node's server sees alike", async () => {
  const line = fc.constantFrom(
    ...usual,
    "Connection: keep-alive",
    "connection:keep-alive",
    "amz-sdk-request: attempt=1; max=3",
    "Keep-Alive: timeout=5",
    "Content-Length: 3",
    "Transfer-Encoding: chunked",
    "X-A: b",
    "x-b:c  d",
  )
  const piece = fc.constantFrom(
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    ",",
    "\0",
    "\x80",
    "0",
    "1",
    "X",
    "-",
    "_",
    "\r\n\r\n",
  )
  const edit = fc.tuple(fc.nat(), fc.nat(2), fc.array(piece, { maxLength: 2 }))
  const disturbed = fc
    .tuple(fc.array(line, { maxLength: 3 }), fc.array(edit, { maxLength: 3 }))
    .map(([lines, edits]) => {
      let text = requestOf([...usual, ...lines]).toString("latin1")
      for (const [at, count, insert] of edits) {
        const index = at % (text.length + 1)
        text = text.slice(0, index) + insert.join("") + text.slice(index + count)
      }
      return Buffer.from(text, "latin1")
    })
  let readCount = 0
  await fc.assert(
    fc.asyncProperty(disturbed, async (bytes) => {
      const outcome = readHead(bytes)
      if (outcome.kind !== "head") return
      const { fields, endOffset, bodyBytes } = outcome
      if (bytes.length < endOffset + bodyBytes) return
      readCount++
      // Node sees no next request in what follows the body.
      const seen = await seenByNode(bytes.subarray(0, endOffset + bodyBytes))
      assert.ok(seen !== undefined)
      const { method, url, rawHeaders } = seen
      assert.deepEqual({ method, url }, { method: "POST", url: "/" })
      const pairs = rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text))
      assert.deepEqual([...fields].flat(), pairs)
      assert.equal(seen.body, bytes.toString("latin1", endOffset, endOffset + bodyBytes))
    }),
    { numRuns: 4000 },
  )
  assert.ok(readCount > 500, `only ${readCount} were read`)
})
