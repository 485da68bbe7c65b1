import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { type TestContext, test } from "node:test"
import { HttpConnection } from "./http-connection.ts"

/** A server that a test speaks for, and a connection to it. */
async function connect(t: TestContext, timeoutMs = 10_000) {
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  assert.ok(typeof address === "object" && address !== null)
  const { signal } = new AbortController()
  const accepted: Promise<[Socket]> = once(server, "connection").then(([socket]: Socket[]) => {
    assert.ok(socket)
    return [socket]
  })
  const connection = await HttpConnection.open(new URL(`http://127.0.0.1:${address.port}`), { timeoutMs, signal })
  const [socket] = await accepted
  socket.setNoDelay(true)
  t.after(() => {
    connection.close()
    socket.destroy()
    server.close()
  })
  return { connection, socket }
}

const answers = [
  { text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello" },
  { text: "HTTP/1.1 503 x\r\nDate: now\r\ncontent-length: 0\r\n\r\n", status: 503, body: "" },
  {
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, chunks\r\n\r\n0\r\n\r\n",
    status: 200,
    body: "hello, chunks\r\n",
  },
  {
    text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 x\r\nContent-Length: 2\r\n\r\n{}",
    status: 400,
    body: "{}",
  },
]

test("Answers are taken whole, in whatever pieces they come, one after the other", async (t) => {
  const { connection, socket } = await connect(t)
  for (const { text, status, body } of answers) {
    for (let cut = 0; cut < text.length; cut++) {
      const answered = connection.exchange(Buffer.from("request"))
      assert.equal(String(await once(socket, "data")), "request")
      if (cut > 0) {
        await new Promise((resolve) => socket.write(text.slice(0, cut), resolve))
        // The other end reads between the first and the second.
        await new Promise(setImmediate)
        await new Promise(setImmediate)
      }
      socket.write(text.slice(cut))
      const answer = await answered
      assert.deepEqual([answer.status, answer.body.toString()], [status, body], `cut at ${cut}`)
      assert.ok(connection.isOpen)
    }
  }
})

test("After an answer that is the last one, the connection is not used again", async (t) => {
  const { connection, socket } = await connect(t)
  const answered = connection.exchange(Buffer.from("x"))
  socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
  assert.equal((await answered).status, 200)
  assert.equal(connection.isOpen, false)
  await assert.rejects(connection.exchange(Buffer.from("x")), /The connection is closed/)
})

test("What ends before its answer is whole is an error, and so is what is no HTTP", async (t) => {
  const cut = await connect(t)
  const first = cut.connection.exchange(Buffer.from("x"))
  cut.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
  await assert.rejects(first, /closed the connection before its answer was whole/)
  const other = await connect(t)
  const second = other.connection.exchange(Buffer.from("x"))
  other.socket.write("220 mail.example ESMTP\r\n\r\n")
  await assert.rejects(second, /not HTTP\/1\.1/)
})

test("A server that does not answer is given up", async (t) => {
  const { connection } = await connect(t, 20)
  await assert.rejects(connection.exchange(Buffer.from("x")), /No answer within 0\.02 s/)
})
