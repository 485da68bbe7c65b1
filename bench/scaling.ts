/** Batches taken by the server's own process, and by ingest processes, up to one for each core. */
import { availableParallelism } from "node:os"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { type Contender, putContender, roundColumns, roundRows, takeTurns } from "./contenders.ts"
import { batchBodies, startSigned } from "./put.ts"
import { recordsPerBatch } from "./records.ts"
import type { ServerProcess } from "./server-processes.ts"
import { createStream, pauseDelivery } from "./streams.ts"

const streamName = "bench"

export const scaling: Bench = {
  name: "scaling",
  about: "PutRecordBatch by the server's own process, and by 1, 2, ... ingest processes",
  run: measureScaling,
}

async function measureScaling(world: BenchWorld): Promise<readonly Table[]> {
  const bodies = await batchBodies(streamName)
  const servers: ServerProcess[] = []
  const contenders: Contender[] = []
  for (let processCount = 0; processCount <= availableParallelism(); processCount++) {
    const server = await startSigned(world, ["--ingest-processes", String(processCount)], `data-${processCount}`)
    await createStream(server, streamName)
    await pauseDelivery(server, streamName)
    servers.push(server)
    const name =
      processCount === 0
        ? "the server's own process"
        : `${processCount} ingest ${processCount === 1 ? "process" : "processes"}`
    // What the server tells of its use of the processor is that of its own process only.
    const { apiUrl } = server
    contenders.push(putContender(name, { apiUrl }, { operation: "PutRecordBatch", bodies, connectionCount: 32 }))
  }
  await takeTurns(contenders, { roundCount: world.quick ? 1 : 5, durationMs: world.quick ? 500 : 2000, ...world })
  for (const server of servers) await server.stop()
  const rows = roundRows(contenders, recordsPerBatch, "each")
  return [
    { title: "PutRecordBatch by ingest processes, 32 connections", columns: roundColumns("ratio to first"), rows },
  ]
}
