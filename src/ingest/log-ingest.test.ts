import assert from "node:assert/strict"
import { test } from "node:test"
import { Keys, type KeyWrapper } from "../keys/index.ts"
import { batch, TestLog } from "../log/local/testing.ts"
import { createLogger, createMetrics } from "../observe/index.ts"
import { systemClock, systemDisk, systemRandom } from "../platform/index.ts"
import { enabled, encryptedWith, type MasterKey, type StreamDefinition } from "../streams/index.ts"
import { LogIngest } from "./log-ingest.ts"

const owned: MasterKey = { type: "AWS_OWNED_CMK" }
const wrapper: KeyWrapper = {
  async generate() {
    const secret = systemRandom.bytes(32)
    return { secret, wrapped: secret.toString("base64") }
  },
  unwrap: async ({ wrapped }) => Buffer.from(wrapped, "base64"),
}
const stream: StreamDefinition = {
  uid: "orders-1",
  name: "orders",
  arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders",
  type: "DirectPut",
  status: { kind: "ACTIVE" },
  version: 1,
  createdMs: 0,
  destination: { id: "d", kind: "s3", configuration: {} },
  tags: [],
  deliveryEnabled: true,
  encryption: { state: { status: "DISABLED" }, dataKeys: [], changesMs: [] },
  partitionCount: 1,
}

test("A put is stored also when encryption starts while it waits, with a key that another process has made", async (t) => {
  const log = await TestLog.make(t)
  const logger = createLogger({ level: "info", format: "json", destination: { write: assert.fail } })
  const allKeys = new Keys({ clock: systemClock, random: systemRandom, wrapper, metrics: createMetrics(), logger })
  const keys = allKeys.of(stream)
  const dataKey = { id: "0".repeat(32), key: owned, wrapped: (await wrapper.generate(owned, stream.arn)).wrapped }
  const encrypted = { ...stream, encryption: enabled(encryptedWith(owned), dataKey) }
  const partition = await log.open({ keys })
  const ingest = new LogIngest({ disk: systemDisk, folder: log.folder, clock: systemClock, freeBytesMin: 0 })
  const append: typeof partition.append = (records) => {
    allKeys.of(encrypted)
    return partition.append(records)
  }
  ingest.attach(stream.uid, { partition: { append }, partitionNumber: 0, keys })
  const outcome = await ingest.put(stream, batch("record"))
  assert.equal(outcome.kind, "stored")
  assert.ok(outcome.kind === "stored" && outcome.sealed)
})
