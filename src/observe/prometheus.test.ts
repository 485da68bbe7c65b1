import assert from "node:assert/strict"
import { test } from "node:test"
import { counters, events, gauges, latencies } from "./metrics.ts"
import { createMetricsRelay } from "./metrics-relay.ts"
import { createMetrics, prometheusName } from "./prometheus.ts"

/** The samples of an exposition whose name begins so, as `name{labels} value` lines. */
async function samples(metrics: ReturnType<typeof createMetrics>, prefix: string): Promise<string[]> {
  const { text } = await metrics.expose()
  return text.split("\n").filter((line) => line.startsWith(prefix))
}

test("A name of the sheet becomes a Prometheus name that says the same", () => {
  for (const [name, expected] of [
    ["DeliveryToS3.Bytes", "hydrant_delivery_to_s3_bytes"],
    ["IncomingPutRequests", "hydrant_incoming_put_requests"],
    ["PutRecordBatch.Latency", "hydrant_put_record_batch_latency"],
    ["Hydrant.BacklogRecords", "hydrant_backlog_records"],
    ["KMSKeyAccessDenied", "hydrant_kms_key_access_denied"],
    ["JQProcessing.Duration", "hydrant_jq_processing_duration"],
  ] as const) {
    assert.equal(prometheusName(name), expected)
  }
})

test("Every declared metric is exposed with its meaning", async () => {
  const metrics = createMetrics()
  const { text, contentType } = await metrics.expose()
  for (const [name, help] of Object.entries(counters)) {
    assert.ok(text.includes(`# HELP ${prometheusName(name)}_total ${help}\n`), name)
  }
  for (const [name, help] of Object.entries(events)) {
    assert.ok(text.includes(`# HELP ${prometheusName(name)}_total ${help}\n`), name)
  }
  for (const [name, help] of Object.entries(gauges)) {
    assert.ok(text.includes(`# HELP ${prometheusName(name)} ${help}\n`), name)
  }
  for (const [name, help] of Object.entries(latencies)) {
    assert.ok(text.includes(`# HELP ${prometheusName(name)}_seconds ${help}\n`), name)
  }
  assert.match(contentType, /^text\/plain; version=0\.0\.4/)
})

test("A counter adds up for each stream, and its neighbours begin at zero with it", async () => {
  const metrics = createMetrics()
  metrics.add("DeliveryToS3.Bytes", "orders", 100)
  metrics.add("DeliveryToS3.Bytes", "orders", 2 ** 40)
  metrics.add("DeliveryToS3.Bytes", "clicks", 7)
  assert.deepEqual(await samples(metrics, "hydrant_delivery_to_s3_bytes_total{"), [
    `hydrant_delivery_to_s3_bytes_total{delivery_stream="orders"} ${100 + 2 ** 40}`,
    'hydrant_delivery_to_s3_bytes_total{delivery_stream="clicks"} 7',
  ])
  assert.deepEqual(await samples(metrics, "hydrant_expired_records_total{"), [
    'hydrant_expired_records_total{delivery_stream="orders"} 0',
    'hydrant_expired_records_total{delivery_stream="clicks"} 0',
  ])
})

test("A second scrape tells the totals, not their double", async () => {
  const metrics = createMetrics()
  metrics.add("IncomingRecords", "orders", 3)
  await metrics.expose()
  metrics.add("IncomingRecords", "orders", 1)
  assert.deepEqual(await samples(metrics, "hydrant_incoming_records_total{"), [
    'hydrant_incoming_records_total{delivery_stream="orders"} 4',
  ])
})

test("A gauge is read when it is scraped, and left out while there is nothing to tell", async () => {
  const metrics = createMetrics()
  let ageS: number | undefined = 12
  metrics.gauge("DeliveryToS3.DataFreshness", "orders", () => ageS)
  const name = "hydrant_delivery_to_s3_data_freshness{"
  assert.deepEqual(await samples(metrics, name), [`${name}delivery_stream="orders"} 12`])
  assert.equal((await metrics.gauges()).of("DeliveryToS3.DataFreshness", "orders"), 12)
  ageS = undefined
  assert.deepEqual(await samples(metrics, name), [])
  assert.equal((await metrics.gauges()).of("DeliveryToS3.DataFreshness", "orders"), undefined)
})

test("Latencies are histograms in seconds", async () => {
  const metrics = createMetrics()
  metrics.latency("PutRecord.Latency", 3)
  metrics.latency("PutRecord.Latency", 700)
  assert.deepEqual(await samples(metrics, 'hydrant_put_record_latency_seconds_bucket{le="0.005"}'), [
    'hydrant_put_record_latency_seconds_bucket{le="0.005"} 1',
  ])
  assert.deepEqual(await samples(metrics, "hydrant_put_record_latency_seconds_sum"), [
    "hydrant_put_record_latency_seconds_sum 0.703",
  ])
  assert.deepEqual(await samples(metrics, "hydrant_put_record_latency_seconds_count"), [
    "hydrant_put_record_latency_seconds_count 2",
  ])
})

test("What another process counted is added to what this one did", async () => {
  const metrics = createMetrics()
  metrics.add("IncomingRecords", "orders", 1)
  metrics.event("Hydrant.ConnectionsRefused")
  metrics.latency("PutRecord.Latency", 3)
  const relay = createMetricsRelay()
  assert.equal(relay.take(), undefined)
  relay.add("IncomingRecords", "orders", 2)
  relay.add("IncomingRecords", "orders", 3)
  relay.event("Hydrant.ConnectionsRefused")
  relay.event("Hydrant.ConnectionsRefused")
  relay.latency("PutRecord.Latency", 4)
  relay.latency("PutRecord.Latency", 60_000)
  const delta = relay.take()
  assert.ok(delta !== undefined)
  metrics.merge(delta)
  assert.equal(relay.take(), undefined, "what was taken is not counted twice")
  assert.deepEqual(await samples(metrics, "hydrant_incoming_records_total{"), [
    'hydrant_incoming_records_total{delivery_stream="orders"} 6',
  ])
  const refused = "hydrant_connections_refused_total"
  assert.deepEqual(await samples(metrics, `${refused} `), [`${refused} 3`])
  const name = "hydrant_put_record_latency_seconds"
  assert.deepEqual(await samples(metrics, `${name}_bucket{le="0.005"}`), [`${name}_bucket{le="0.005"} 2`])
  assert.deepEqual(await samples(metrics, `${name}_bucket{le="10"}`), [`${name}_bucket{le="10"} 2`])
  assert.deepEqual(await samples(metrics, `${name}_count`), [`${name}_count 3`])
})

test("Gauges of another thread are asked for when somebody looks, and what it counted comes first", async () => {
  const relay = createMetricsRelay()
  const metrics = createMetrics(async () => {
    const delta = relay.take()
    if (delta !== undefined) metrics.merge(delta)
    return relay.gauges()
  })
  let backlog: number | undefined = 7
  relay.gauge("Hydrant.BacklogRecords", "orders", () => backlog)
  relay.add("DeliveryToS3.Records", "orders", 3)
  const name = "hydrant_backlog_records{"
  assert.deepEqual(await samples(metrics, name), [`${name}delivery_stream="orders"} 7`])
  relay.add("DeliveryToS3.Records", "orders", 1)
  assert.deepEqual(await samples(metrics, "hydrant_delivery_to_s3_records_total{"), [
    'hydrant_delivery_to_s3_records_total{delivery_stream="orders"} 4',
  ])
  assert.equal((await metrics.gauges()).of("Hydrant.BacklogRecords", "orders"), 7)
  backlog = undefined
  assert.equal((await metrics.gauges()).of("Hydrant.BacklogRecords", "orders"), undefined)
  relay.forget("orders")
  assert.deepEqual(relay.gauges(), [])
})

test("A stream that is forgotten leaves nothing behind", async () => {
  const metrics = createMetrics()
  metrics.add("IncomingRecords", "orders", 3)
  metrics.gauge("Hydrant.LogBytes", "orders", () => 5)
  metrics.forget("orders")
  const { text } = await metrics.expose()
  assert.ok(!text.includes("orders"))
  assert.equal((await metrics.gauges()).of("Hydrant.LogBytes", "orders"), undefined)
})

test("The process tells its resident memory and event loop lag", async () => {
  const metrics = createMetrics()
  assert.equal((await samples(metrics, "process_resident_memory_bytes ")).length, 1)
  assert.equal((await samples(metrics, "nodejs_eventloop_lag_p99_seconds ")).length, 1)
})
