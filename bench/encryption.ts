/** Batches into a stream that is encrypted at rest, beside one that is not, in one server. */
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { putContender, roundColumns, roundRows, takeTurns } from "./contenders.ts"
import { batchBodies, startSigned } from "./put.ts"
import { recordsPerBatch } from "./records.ts"
import { createStreams, pauseDelivery, startEncryption } from "./streams.ts"

export const encryption: Bench = {
  name: "encryption",
  about: "PutRecordBatch into a stream with encryption at rest, and without",
  run: measureEncryption,
}

async function measureEncryption(world: BenchWorld): Promise<readonly Table[]> {
  const hydrant = await startSigned(world)
  await createStreams(hydrant, ["clear", "sealed"])
  for (const name of ["clear", "sealed"]) await pauseDelivery(hydrant, name)
  await startEncryption(hydrant, "sealed")
  const contender = async (name: string, streamName: string) =>
    putContender(name, hydrant, {
      operation: "PutRecordBatch",
      bodies: await batchBodies(streamName),
      connectionCount: 32,
    })
  const contenders = [await contender("not encrypted", "clear"), await contender("encrypted at rest", "sealed")]
  await takeTurns(contenders, { roundCount: world.quick ? 1 : 5, durationMs: world.quick ? 500 : 2000, ...world })
  await hydrant.stop()
  const rows = roundRows(contenders, recordsPerBatch, "each")
  return [{ title: "PutRecordBatch, 32 connections", columns: roundColumns("ratio to clear"), rows }]
}
