/** Batches with one ingest process, and with more, up to one for each core. Skipped by a version that has no such setting. */
import { availableParallelism } from "node:os"
import { settings } from "../src/config/index.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { type Contender, putContender, roundColumns, roundRows, takeTurns } from "./contenders.ts"
import { batchBodies, startSigned } from "./put.ts"
import { recordsPerBatch } from "./records.ts"
import type { ServerProcess } from "./server-processes.ts"
import { createStream, pauseDelivery } from "./streams.ts"

const streamName = "bench"
const settingName = "ingest-processes"

export const scaling: Bench = {
  name: "scaling",
  about: "PutRecordBatch with 1, 2, ... ingest processes",
  run: measureScaling,
}

async function measureScaling(world: BenchWorld): Promise<readonly Table[]> {
  if (Object.values(settings).every(({ name }) => name !== settingName)) {
    world.progress(`skipped: there is no setting ${settingName}`)
    return []
  }
  const bodies = await batchBodies(streamName)
  const servers: ServerProcess[] = []
  const contenders: Contender[] = []
  for (let processCount = 1; processCount <= availableParallelism(); processCount++) {
    const server = await startSigned(world, [`--${settingName}`, String(processCount)], `data-${processCount}`)
    await createStream(server, streamName)
    await pauseDelivery(server, streamName)
    servers.push(server)
    const name = processCount === 1 ? "1 process" : `${processCount} processes`
    contenders.push(putContender(name, server, { operation: "PutRecordBatch", bodies, connectionCount: 32 }))
  }
  await takeTurns(contenders, { roundCount: world.quick ? 1 : 5, durationMs: world.quick ? 500 : 2000, ...world })
  for (const server of servers) await server.stop()
  const rows = roundRows(contenders, recordsPerBatch, "each")
  return [{ title: "PutRecordBatch by ingest processes, 32 connections", columns: roundColumns("ratio to 1"), rows }]
}
