/**
 * What delivery does to ingest: PutRecords at a steady pace while nothing is delivered, while a filled log of another stream is
 * delivered as it is, and while it is delivered through GZIP.
 */
import path from "node:path"
import { formatBytes, formatCount } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { runPacedLoad } from "./paced-load.ts"
import { recordBodies } from "./put.ts"
import { realRecords } from "./records.ts"
import { signedRequest } from "./signed-requests.ts"
import { createStream, deliverAll, fill, pauseDelivery } from "./streams.ts"

const mebibyte = 1024 * 1024
const streamName = "bench"

export const encoding: Bench = {
  name: "encoding",
  about: "Latency of PutRecord while other records are delivered, uncompressed and GZIP",
  run: measureLatency,
}

const columns = [
  { title: "" },
  { title: "p50 ms", align: "right" },
  { title: "p99 ms", align: "right" },
  { title: "p50 ratio", align: "right" },
  { title: "p99 ratio", align: "right" },
] as const

async function measureLatency({ folder, processes, progress, quick }: BenchWorld): Promise<readonly Table[]> {
  const requestsPerSecond = 500
  const sizeBytes = (quick ? 32 : 512) * mebibyte
  const hydrant = await processes.startHydrant(path.join(folder, "data"))
  await createStream(hydrant, streamName)
  await pauseDelivery(hydrant, streamName)
  const bodies = await recordBodies(streamName)
  const measure = async (durationMs: number, signal?: AbortSignal) => {
    const requests = await Promise.all(bodies.map((body) => signedRequest(hydrant.apiUrl, "PutRecord", body)))
    const load = { url: hydrant.apiUrl, connectionCount: 16, requestsPerSecond, requests, durationMs }
    return runPacedLoad(signal === undefined ? load : { ...load, signal })
  }
  progress("nothing is delivered")
  await measure(quick ? 1000 : 5000)
  const measured = [{ name: "nothing is delivered", latencies: await measure(quick ? 2000 : 15_000) }]
  const records = await realRecords()
  for (const compression of ["UNCOMPRESSED", "GZIP"] as const) {
    const name = `delivered-${compression}`
    progress(`${compression}: ${formatBytes(sizeBytes)} are put`)
    await createStream(hydrant, name, compression)
    await pauseDelivery(hydrant, name)
    await fill(hydrant, name, records, sizeBytes)
    progress(`${compression}: they are delivered`)
    const delivered = new AbortController()
    const delivery = deliverAll(hydrant, name).finally(() => delivered.abort())
    const latencies = await measure(300_000, delivered.signal)
    await delivery
    measured.push({ name: `${formatBytes(sizeBytes)} delivered, ${compression}`, latencies })
  }
  await hydrant.stop()

  const quantilesOf = measured.map(({ latencies }) =>
    [0.5, 0.99].map((fraction) => latencies.quantileMs(fraction) ?? 0),
  )
  const rows = measured.map(({ name }, index) => [
    name,
    ...(quantilesOf[index] ?? []).map((quantileMs) => quantileMs.toFixed(2)),
    ...(quantilesOf[index] ?? []).map((quantileMs, which) => (quantileMs / (quantilesOf[0]?.[which] ?? 0)).toFixed(2)),
  ])
  const title = `PutRecord at ${formatCount(requestsPerSecond)} a second, from when it was due: ratio to the first row`
  return [{ title, columns, rows }]
}
