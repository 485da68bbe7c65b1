import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer } from "node:http"
import { type TestContext, test } from "node:test"
import { sitDown, withServer } from "../testing.ts"

async function metric(adminUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(new RegExp(`^${name}\\{delivery_stream="earthquakes"\\} (\\d+)$`, "m").exec(text)?.[1])
}

test("Bench puts for a while, and what it counts is what the server stored", async (t) => {
  const { told, server } = await withServer(t)
  const before = await metric(server.adminUrl, "hydrant_incoming_records_total")
  const flags = "--stream earthquakes --duration 1 --connections 3 --record-bytes 50 --records-per-batch 20 --json"
  const { code, out, err } = await told(`bench --endpoint ${server.apiUrl} ${flags}`)
  assert.deepEqual([code, err], [0, ""])
  const { requests, storedRecords, storedBytes, refusedRecords, errors, seconds, latencyMs } = JSON.parse(out)
  assert.equal((await metric(server.adminUrl, "hydrant_incoming_records_total")) - before, storedRecords)
  assert.deepEqual([requests * 20, storedRecords * 50], [storedRecords, storedBytes])
  assert.deepEqual([refusedRecords, errors], [0, []])
  assert.ok(storedRecords > 0 && seconds >= 1)
  const { p50, p90, p99, max } = latencyMs
  assert.ok(p50 > 0 && p50 <= p90 && p90 <= p99 && p99 <= max)
})

test("Bench shows a table, with what was refused and why", async (t) => {
  const { told, server } = await withServer(t, { quotaRecordsPerSecond: "2500" })
  const { code, out } = await told(`bench --endpoint ${server.apiUrl} --stream earthquakes --duration 1`)
  assert.equal(code, 0)
  assert.match(
    out,
    /^PutRecordBatch of 500 records of 200 bytes into earthquakes at http:.*: 1\.\d s over 16 connections$/m,
  )
  assert.match(out, /^records stored +[\d,]+ +[\d,]+$/m)
  assert.match(out, /^LATENCY, ms +p50 +p90 +p99 +p99\.9 +max$/m)
  assert.match(out, /^ServiceUnavailableException: Slow down\.(?: \(part of a batch\))? +[\d,]+ +[\d,]+$/m)
  const throttled = await metric(server.adminUrl, "hydrant_throttled_records_total")
  assert.match(out, new RegExp(`^records not stored +${throttled.toLocaleString("en-US")} `, "m"))
})

test("With a rate bench sends as many requests as are due", async (t) => {
  const { told, server } = await withServer(t)
  const flags = "--stream earthquakes --operation put-record --duration 1 --rate 50 --json"
  const { requests, unsentRequests } = JSON.parse((await told(`bench --endpoint ${server.apiUrl} ${flags}`)).out)
  assert.equal(requests + unsentRequests, 50)
  assert.ok(requests > 25)
})

test("Bench ends when it is interrupted, and prints what there is", async (t) => {
  const { type, server } = await withServer(t)
  const { interrupt, result } = type(`bench --endpoint ${server.apiUrl} --stream earthquakes --duration 3600 --json`)
  const before = await metric(server.adminUrl, "hydrant_put_record_batch_requests_total")
  while ((await metric(server.adminUrl, "hydrant_put_record_batch_requests_total")) === before) {
    await new Promise(setImmediate)
  }
  interrupt()
  const { code, out } = await result
  assert.equal(code, 130)
  assert.ok(JSON.parse(out).requests > 0)
})

test("Bench makes no stream, needs an endpoint, and puts no more than a call may hold", async (t) => {
  const { told, server } = await withServer(t)
  const missing = await told(`bench --endpoint ${server.apiUrl} --stream other`)
  assert.equal(missing.code, 1)
  assert.match(missing.err, /^Error: Cannot put load on "other": Firehose other .* not found/)
  assert.match((await told("streams list")).out, /^earthquakes .*(?<!other)\n$/m)
  const nowhere = await told("bench --stream earthquakes")
  assert.match(nowhere.err, /^Error: required option '--endpoint <url>' not specified/)
  const secret = await told("bench --stream earthquakes --endpoint http://someone:secret@127.0.0.1:1")
  assert.match(secret.err, /^Error: The address of an endpoint holds a password/)
  assert.doesNotMatch(secret.err, /secret/)
  const closed = await told("bench --stream earthquakes --endpoint http://127.0.0.1:1")
  assert.match(closed.err, /nothing listens there\n.* say where it is with --endpoint\n/)
  const large = await told(`bench --endpoint ${server.apiUrl} --stream earthquakes --record-bytes 10000`)
  assert.match(
    large.err,
    /^Error: A batch of 500 records of 10000 bytes is larger than the 4 MiB that a call may put\n/,
  )
})

/** A server that answers Describe well, and puts with `status`. */
async function serverThatAnswers(t: TestContext, status: number, headers: Readonly<Record<string, string>>) {
  const seen = { puts: 0 }
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const isPut = request.headers["x-amz-target"]?.includes("Put") === true
      if (isPut) seen.puts++
      response.writeHead(isPut ? status : 200, isPut ? headers : {})
      response.end("{}")
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === "object" && address !== null)
  return { url: `http://127.0.0.1:${address.port}`, seen }
}

test("Bench follows no redirect: it calls nothing but the endpoint that it is given", async (t) => {
  const { told } = await sitDown(t)
  const other = await serverThatAnswers(t, 200, {})
  const { url } = await serverThatAnswers(t, 307, { Location: `${other.url}/` })
  const { code, out, err } = await told(`bench --endpoint ${url} --stream s --duration 1 --connections 1 --json`)
  assert.deepEqual([code, err], [1, "Error: No record was stored\n"])
  assert.equal(JSON.parse(out).errors[0].error, "HTTP 307")
  assert.equal(other.seen.puts, 0)
})
