/**
 * The same calls, by the same client, to a server that a user can install instead: moto's, from PyPI, which keeps streams in
 * memory and writes each put as an object into its own S3. It makes no promise about crashes; Hydrant syncs each put.
 */
import { execFile } from "node:child_process"
import path from "node:path"
import { promisify } from "node:util"
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { putContender, roundColumns, roundRows, takeTurns } from "./contenders.ts"
import { freePort } from "./free-port.ts"
import { batchBodies, recordBodies, startSigned } from "./put.ts"
import { recordsPerBatch } from "./records.ts"
import { credentials, region } from "./signed-requests.ts"
import { createStream, createStreams } from "./streams.ts"

const streamName = "bench"
const moto = "moto[server]==5.2.5"
/** Kept, so that it is installed once. */
const venv = path.join(import.meta.dirname, "..", "..", "node_modules", ".cache", "hydrant", "bench-peers")

export const peers: Bench = {
  name: "peers",
  about: "PutRecord and PutRecordBatch beside moto's server, from PyPI",
  run: comparePeers,
}

async function comparePeers(world: BenchWorld): Promise<readonly Table[]> {
  const missing = await installMoto(world)
  if (missing !== undefined) {
    world.progress(`skipped: ${missing}`)
    return []
  }
  const { processes, quick } = world
  const hydrant = await startSigned(world)
  await createStream(hydrant, streamName)
  const peer = await startMoto(world)
  await createStreams(peer, [streamName])

  const tables: Table[] = []
  for (const [operation, bodies, recordsPerRequest] of [
    ["PutRecord", await recordBodies(streamName), 1],
    ["PutRecordBatch", await batchBodies(streamName), recordsPerBatch],
  ] as const) {
    const puts = { operation, bodies, connectionCount: 16 }
    const contenders = [putContender("Hydrant", hydrant, puts), putContender("moto's server", peer, puts)]
    await takeTurns(contenders, {
      roundCount: quick ? 1 : 3,
      durationMs: quick ? 1000 : 3000,
      progress: (text) => world.progress(`${operation}, ${text}`),
    })
    const rows = roundRows(contenders, recordsPerRequest, "first")
    tables.push({ title: `${operation}, 16 connections`, columns: roundColumns("Hydrant's ratio"), rows })
  }
  await processes.close()
  return tables
}

/** Why it can't be; undefined once moto is installed. */
async function installMoto({ progress }: BenchWorld): Promise<string | undefined> {
  const run = promisify(execFile)
  try {
    await run("python3", ["-m", "venv", venv])
  } catch (error) {
    return `there is no Python 3 with venv (${messageOf(error)})`
  }
  progress(`installing ${moto}`)
  try {
    await run(path.join(venv, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", moto])
  } catch (error) {
    return `pip cannot install ${moto}: is PyPI within reach? (${messageOf(error)})`
  }
  return undefined
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1).join("")
}

/** Starts moto's server with a bucket for the streams. */
async function startMoto({ processes }: BenchWorld): Promise<{ readonly apiUrl: string }> {
  const port = await freePort()
  processes.startOther(path.join(venv, "bin", "moto_server"), ["-H", "127.0.0.1", "-p", String(port)])
  const apiUrl = `http://127.0.0.1:${port}`
  // It takes some seconds until it listens.
  const client = new S3Client({ endpoint: apiUrl, region, credentials, forcePathStyle: true, maxAttempts: 30 })
  try {
    await client.send(new CreateBucketCommand({ Bucket: "bench" }))
  } finally {
    client.destroy()
  }
  return { apiUrl }
}
