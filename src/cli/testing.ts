/** For tests: a person who types commands, in an empty folder or beside a running server. */
import assert from "node:assert/strict"
import fs from "node:fs/promises"
import { createServer, type Server } from "node:net"
import os from "node:os"
import path from "node:path"
import { PassThrough, Readable } from "node:stream"
import type { TestContext } from "node:test"
import { createLogger } from "../observe/index.ts"
import { systemClock, systemRandom } from "../platform/index.ts"
import { startServer } from "../server.ts"
import { loadSettings } from "./local-server.ts"
import { run } from "./program.ts"
import type { CliWorld } from "./world.ts"

/** A person in an empty folder: what they type, and what they get to see. */
export async function sitDown(context: TestContext) {
  const workingFolder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-cli-"))
  // The last one first: a server is stopped before its folder goes.
  const cleanups: (() => Promise<unknown>)[] = [() => fs.rm(workingFolder, { recursive: true })]
  context.after(async () => {
    for (const cleanUp of cleanups.reverse()) await cleanUp()
  })
  const closed = await closedAddress()
  const env: Record<string, string> = {
    HYDRANT_DATA_FOLDER: path.join(workingFolder, "hydrant-data"),
    HYDRANT_LISTEN_PORT: "0",
    HYDRANT_ADMIN_LISTEN_PORT: "0",
    AWS_ENDPOINT_URL_FIREHOSE: closed,
    HYDRANT_ADMIN_URL: await closedAddress(),
    AWS_ACCESS_KEY_ID: "any",
    AWS_SECRET_ACCESS_KEY: "any",
  }
  const type = (command: string, stdin: Readable = Readable.from([])) => {
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    const interruption = new AbortController()
    const world: CliWorld = {
      stdin,
      stdout,
      stderr,
      env,
      workingFolder,
      programName: "hydrant",
      clock: systemClock,
      random: systemRandom,
      interrupted: interruption.signal,
    }
    const status = run(command.split(" "), "1.2.3", world)
    const result = status.then((code) => ({ code, out: seen(stdout), err: seen(stderr) }))
    return { world, stdout, interrupt: () => interruption.abort(), result }
  }
  return {
    workingFolder,
    env,
    cleanups,
    type,
    told: (command: string, stdin?: Readable) => type(command, stdin).result,
  }
}

/** Where nobody listens: a port that the system gave out a moment ago. */
async function closedAddress(): Promise<string> {
  const { server, port } = await listener()
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

export async function listener(): Promise<{ server: Server; port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  assert.ok(typeof address === "object" && address !== null)
  return { server, port: address.port }
}

function seen(stream: PassThrough): string {
  return stream.read()?.toString() ?? ""
}

/** A running server with the given settings, by their keys, to which the commands go. */
export async function withServer(context: TestContext, flags: Readonly<Record<string, string>> = {}) {
  const person = await sitDown(context)
  const given = await loadSettings(person.type("--version").world, { flags, settingsFile: undefined })
  const logger = createLogger({ level: "silent", format: "json", destination: { write: assert.fail } })
  const server = await startServer(given, { logger })
  person.cleanups.push(() => server.close())
  person.env["AWS_ENDPOINT_URL_FIREHOSE"] = server.apiUrl
  person.env["HYDRANT_ADMIN_URL"] = server.adminUrl
  // The demo makes the stream that the others use.
  assert.equal((await person.told("demo --exit")).code, 0)
  return { ...person, given, server }
}
