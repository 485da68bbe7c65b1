/** A person's folder beside a running server with one stream, in which the real program is called. */
import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { TestContext } from "node:test"
import { createStream, firehoseClient } from "./firehose.ts"
import { startHere } from "./server-here.ts"

export const launcher = path.join(import.meta.dirname, "..", "..", "..", "bin", "hydrant")

/** Starts a server on the folder's `hydrant-data`, and makes a stream. `env` is what a process there is given. */
export async function besideServer(t: TestContext, stream: string) {
  const folder = await mkdtemp(path.join(tmpdir(), "hydrant-beside-"))
  const dataFolder = path.join(folder, "hydrant-data")
  const outcome = await startHere(dataFolder)
  assert(outcome.kind === "started")
  const { server } = outcome
  t.after(async () => {
    await server.close()
    await rm(folder, { recursive: true })
  })
  const client = firehoseClient(server.apiUrl)
  await createStream(client, stream)
  client.destroy()
  const env = {
    PATH: `${folder}:${process.env["PATH"]}`,
    HOME: folder,
    AWS_ENDPOINT_URL_FIREHOSE: server.apiUrl,
    HYDRANT_ADMIN_URL: server.adminUrl,
  }
  return { folder, dataFolder, server, env }
}
