import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import { type TestContext, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import { answerBytesMax } from "../functions.ts"
import { arn, functionsFor, invoke } from "../testing.ts"

/** A function behind a URL, whose server does with each request what `answer` says. */
async function serverFor(
  t: TestContext,
  answer: (body: string, outgoing: ServerResponse, incoming: IncomingMessage) => void,
  timeoutMs = 20_000,
) {
  let requests = 0
  const serve: RequestListener = async (incoming, outgoing) => {
    requests++
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    answer(Buffer.concat(chunks).toString(), outgoing, incoming)
  }
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === "object" && address !== null)
  const url = `http://127.0.0.1:${address.port}/functions/orders?code=secret`
  const { functions, lines } = functionsFor(t, { mapped: new Map([[arn, url]]), timeoutMs })
  return { functions, lines, server, requestCount: () => requests }
}

test("An event is POSTed as JSON, and the body of the answer is what the function returned", async (t) => {
  const { functions } = await serverFor(t, (body, outgoing, { method, url, headers }) => {
    outgoing.end(
      JSON.stringify({ method, url, type: headers["content-type"], length: headers["content-length"], body }),
    )
  })
  assert.deepEqual(await invoke(functions, { a: "é" }), {
    kind: "returned",
    value: {
      method: "POST",
      url: "/functions/orders?code=secret",
      type: "application/json",
      length: "10",
      body: '{"a":"é"}',
    },
  })
})

test("Connections are used again", async (t) => {
  const ports = new Set<number | undefined>()
  const { functions } = await serverFor(t, (_body, outgoing, { socket }) => {
    ports.add(socket.remotePort)
    outgoing.end("1")
  })
  for (let count = 0; count < 5; count++) assert.equal((await invoke(functions)).kind, "returned")
  assert.equal(ports.size, 1)
})

for (const [status, code] of [
  [500, "FunctionError"],
  [404, "FunctionError"],
  [302, "FunctionError"],
  [304, "FunctionError"],
  [429, "InvokeLimitExceeded"],
] as const) {
  test(`An answer with status ${status} is a failure, whatever stands in it`, async (t) => {
    const { functions, lines, requestCount } = await serverFor(t, (_body, outgoing) => {
      outgoing.writeHead(status, { location: "http://127.0.0.1:1/" }).end(`why ${"x".repeat(10_000)}`)
    })
    const invocation = await invoke(functions)
    assert.ok(invocation.kind === "failed")
    assert.equal(invocation.code, `Lambda.${code}`)
    assert.match(
      invocation.detail ?? "",
      new RegExp(`^http://127\\.0\\.0\\.1:\\d+/functions/orders answered ${status}: `),
    )
    assert.ok((invocation.detail ?? "").length < 2100)
    assert.equal(requestCount(), 1)
    assert.equal(lines.length, 1)
    assert.doesNotMatch(JSON.stringify(lines), /secret/)
  })
}

test("An error in Lambda's form is a function error, also with status 200", async (t) => {
  const errors = [
    [
      { errorMessage: "no such order", errorType: "KeyError", stackTrace: [] },
      "Lambda.FunctionError",
      "KeyError: no such order",
    ],
    [
      { errorMessage: "Task timed out after 3.00 seconds" },
      "Lambda.FunctionTimedOut",
      "Task timed out after 3.00 seconds",
    ],
  ] as const
  const { functions } = await serverFor(t, (body, outgoing) => void outgoing.end(body))
  for (const [error, code, detail] of errors) {
    const invocation = await invoke(functions, error)
    assert.ok(invocation.kind === "failed")
    assert.deepEqual([invocation.code, invocation.detail], [code, detail])
  }
  const marked = await serverFor(
    t,
    (body, outgoing) => void outgoing.setHeader("x-amz-function-error", "Unhandled").end(body),
  )
  assert.equal((await invoke(marked.functions, { a: 1 })).kind, "failed")
})

test("An answer that ends without a length, with its connection, is whole", async (t) => {
  const { functions } = await serverFor(t, (_body, outgoing) => {
    outgoing.write("[1,")
    setImmediate(() => outgoing.end("2]"))
  })
  assert.deepEqual(await invoke(functions), { kind: "returned", value: [1, 2] })
})

test("An answer of 6 MB is taken, and of a larger one no more than that is read", async (t) => {
  const { functions } = await serverFor(t, (body, outgoing) => {
    const length = Number(body)
    if (length > 0) return void outgoing.end(JSON.stringify("x".repeat(length - 2)))
    const write = () => {
      while (!outgoing.destroyed && outgoing.write("x".repeat(65_536)));
      outgoing.once("drain", write)
    }
    write()
  })
  const taken = await invoke(functions, answerBytesMax)
  assert.ok(taken.kind === "returned" && taken.value.length === answerBytesMax - 2)
  for (const length of [answerBytesMax + 1, 0]) {
    const large = await invoke(functions, length)
    assert.ok(large.kind === "failed" && large.isTooLarge)
    assert.equal(large.code, "Lambda.FunctionError")
  }
  const refusing = await serverFor(t, (_body, outgoing) => void outgoing.writeHead(413).end())
  const refused = await invoke(refusing.functions)
  assert.ok(refused.kind === "failed" && refused.isTooLarge)
})

for (const [how, answer] of [
  ["is not begun", () => {}],
  ["is begun and not ended", (_: string, outgoing: ServerResponse) => void outgoing.write("[")],
] as const) {
  test(`An answer that ${how} is given up in time`, async (t) => {
    const { functions } = await serverFor(t, answer, 100)
    const invocation = await invoke(functions)
    assert.ok(invocation.kind === "failed")
    assert.equal(invocation.code, "Lambda.FunctionRequestTimedOut")
    assert.match(invocation.detail ?? "", /did not answer within 100 ms/)
  })
}

test("A server that breaks off, speaks no HTTP, or is away fails to respond", async (t) => {
  const broken: readonly ((body: string, outgoing: ServerResponse) => void)[] = [
    (_, outgoing) => void outgoing.socket?.destroy(),
    (_, outgoing) => {
      outgoing.writeHead(200, { "content-length": 10 }).write("1")
      setImmediate(() => outgoing.socket?.destroy())
    },
    (_, outgoing) => void outgoing.socket?.end("HELO\r\n\r\n"),
  ]
  for (const answer of broken) {
    const { functions } = await serverFor(t, answer)
    const invocation = await invoke(functions)
    assert.ok(invocation.kind === "failed")
    assert.equal(invocation.code, "Lambda.TargetServerFailedToRespond")
  }
  const away = functionsFor(t, { mapped: new Map([[arn, "http://127.0.0.1:1/"]]) })
  const invocation = await invoke(away.functions)
  assert.ok(invocation.kind === "failed")
  assert.match(`${invocation.code} ${invocation.detail}`, /^Lambda\.TargetServerFailedToRespond .*ECONNREFUSED/)
})

test("Whoever stops waiting is told so, and the end ends what is under way", async (t) => {
  const { functions, requestCount } = await serverFor(t, () => {})
  const over = new AbortController()
  const given = invoke(functions, {}, arn, over.signal)
  await until(() => requestCount() === 1)
  over.abort(new Error("over"))
  await assert.rejects(given, /over/)
  const closed = invoke(functions)
  await until(() => requestCount() === 2)
  await functions.close()
  assert.equal((await closed).kind, "failed")
})
