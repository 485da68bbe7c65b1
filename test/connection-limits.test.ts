/** The real process at the limits of its connections and of the memory that requests take. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { createStream, firehoseClient, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { RawConnection } from "./support/raw-connection.ts"
import { type RunningServer, Stage } from "./support/running-server.ts"
import { until } from "./support/until.ts"

const list = (bodyBytes: number) => {
  const head = [
    "POST / HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/x-amz-json-1.1",
    "X-Amz-Target: Firehose_20150804.ListDeliveryStreams",
    `Content-Length: ${bodyBytes}`,
  ]
  return `${head.join("\r\n")}\r\n\r\n${"{}".padEnd(bodyBytes)}`
}

async function metric({ adminUrl }: RunningServer, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1])
}

test("Connections beyond the limit are closed at once, told and counted, and taken again when there is room", async (t) => {
  const stage = await Stage.open(t)
  const server = await stage.start({ flags: ["--connections-max", "2"] })
  // One in the lane, and one that was handed over.
  const [kept, odd] = [await RawConnection.open(server.apiUrl), await RawConnection.open(server.apiUrl)]
  kept.send(list(2))
  await kept.until(/HasMore/)
  odd.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
  await odd.until(/403 Forbidden/)

  const beyond = await RawConnection.open(server.apiUrl)
  assert.equal(await beyond.untilClosed(), "")
  await until(() => server.process.output.includes("Closed new connections"))
  assert.equal(await metric(server, "hydrant_connections_refused_total"), 1)

  odd.reset()
  await until(async () => {
    const next = await RawConnection.open(server.apiUrl)
    next.send(list(2))
    return /HasMore/.test(await next.until(/HasMore/))
  })
  kept.send(list(2))
  await kept.until(/HasMore.*HasMore/s)
})

test("Clients that hold half-sent bodies have others refused, not the server's memory taken", async (t) => {
  const stage = await Stage.open(t)
  const server = await stage.start({ flags: ["--request-bytes-max", String(8 * 1024 * 1024)] })
  const client = firehoseClient(server.apiUrl)
  await createStream(client, "orders")
  const slow = await Promise.all([RawConnection.open(server.apiUrl), RawConnection.open(server.apiUrl)])
  const body = list(4 * 1024 * 1024)
  for (const connection of slow) connection.send(body.slice(0, -1))
  // There are two bytes left once the server has read all that.
  await until(async () => {
    const probe = await RawConnection.open(server.apiUrl)
    probe.send(list(3))
    const answer = await probe.until(/HasMore|Slow down/)
    probe.reset()
    return answer.startsWith("HTTP/1.1 503 ")
  })
  assert.equal(await metric(server, "hydrant_requests_refused_total"), 1)
  assert.match(server.process.output, /Refused to store records/)
  for (const connection of slow) {
    connection.send(" ")
    assert.match(await connection.until(/HasMore/), /^HTTP\/1\.1 200 /)
  }
  const ledger = new Ledger()
  const attempt = ledger.attempt("orders", [100])
  ledger.acknowledge(attempt, await putAttempt(client, attempt))
  client.destroy()
})
