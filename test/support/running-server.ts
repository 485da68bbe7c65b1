/** The real program as a child process: `bin/hydrant serve`, for tests of the whole. */
import assert from "node:assert/strict"
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { Readable } from "node:stream"
import type { TestContext } from "node:test"

const launcher = path.join(import.meta.dirname, "..", "..", "..", "bin", "hydrant")

export interface ServerOptions {
  /** Flags of `hydrant serve` beside the ports and the data folder; a later one wins. */
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Content of hydrant.yaml. */
  readonly settingsFile?: string
  /** Bytes that no file of the server may outgrow: writing on fails, as on a full disk. */
  readonly fileBytesMax?: number
}

export interface Ended {
  /** The exit status; null when a signal ended it. */
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  /** All that it wrote, standard output and error as they came. */
  readonly output: string
}

export interface Addresses {
  readonly apiUrl: string
  readonly adminUrl: string
}

/** A server that was ready. */
export interface RunningServer extends Addresses {
  readonly process: ServerProcess
}

/** A folder in which servers run, one after the other or at once. It ends with its test, and they with it. */
export class Stage {
  /** The servers' working folder. What they keep is in `data` below. */
  readonly folder: string
  readonly dataFolder: string
  readonly #servers = new Set<ServerProcess>()

  static async open(t: TestContext): Promise<Stage> {
    const stage = new Stage(await mkdtemp(path.join(tmpdir(), "hydrant-test-")))
    t.after(() => stage.#close())
    return stage
  }

  private constructor(folder: string) {
    this.folder = folder
    this.dataFolder = path.join(folder, "data")
  }

  /** Starts a server; it may not be ready yet, and may never be. */
  async spawn(options: ServerOptions = {}): Promise<ServerProcess> {
    const settingsFile = path.join(this.folder, "hydrant.yaml")
    if (options.settingsFile === undefined) await rm(settingsFile, { force: true })
    else await writeFile(settingsFile, options.settingsFile)
    const server = new ServerProcess(this.folder, options)
    this.#servers.add(server)
    void server.ended.then(() => this.#servers.delete(server))
    return server
  }

  /**
   * Starts a server and resolves when it is ready.
   * @throws Error with its output when it ends before
   */
  async start(options: ServerOptions = {}): Promise<RunningServer> {
    const server = await this.spawn(options)
    return { ...(await server.ready()), process: server }
  }

  async #close() {
    await Promise.all([...this.#servers].map((server) => server.end("SIGKILL")))
    await rm(this.folder, { recursive: true })
  }
}

/** A server that was started. */
export class ServerProcess {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  #output = ""

  constructor(folder: string, options: ServerOptions) {
    const flags = ["--listen-port", "0", "--admin-listen-port", "0", "--data-folder", "data", ...(options.flags ?? [])]
    const command = [process.execPath, launcher, "serve", ...flags]
    const [program = "", ...args] = [...limited(options), ...command]
    this.#child = spawn(program, args, {
      cwd: folder,
      // Nothing of the environment that the tests run in: an AWS_ENDPOINT_URL there would send deliveries elsewhere.
      env: { PATH: process.env["PATH"], HOME: folder, ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text
      })
    }
    this.ended = once(this.#child, "close").then(([status, signal]) => ({ status, signal, output: this.#output }))
  }

  /** Of the process itself, for whoever looks at it from outside. */
  get pid(): number {
    assert(this.#child.pid !== undefined, "the process was started")
    return this.#child.pid
  }

  /** What it has written so far. */
  get output(): string {
    return this.#output
  }

  /**
   * Resolves when the server is ready.
   * @throws Error with its output when it ends before
   */
  async ready(): Promise<Addresses> {
    for (;;) {
      const addresses = addressesIn(this.#output)
      if (addresses !== undefined) return addresses
      const more = once(this.#child.stdout, "data").then(() => undefined)
      const ended = await Promise.race([this.ended, more])
      if (ended !== undefined) throw new Error(`The server ended before it was ready:\n${ended.output}`)
    }
  }

  /** Sends a signal; nothing happens when the process has ended. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Sends a signal that ends the process, and resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<Ended> {
    this.signal(signal)
    return this.ended
  }
}

/** A command that runs the one after it within limits, which the shell counts in steps of 1,024 bytes. */
function limited({ fileBytesMax }: ServerOptions): readonly string[] {
  if (fileBytesMax === undefined) return []
  return ["bash", "-c", `ulimit -f ${Math.floor(fileBytesMax / 1024)} && exec "$@"`, "bash"]
}

/** From the line that a server logs when it is ready. */
function addressesIn(output: string): Addresses | undefined {
  const line = output.split("\n").find((one) => one.endsWith("}") && one.includes('"Hydrant is ready"'))
  if (line === undefined) return undefined
  const { api, admin }: { readonly api: string; readonly admin: string } = JSON.parse(line)
  return { apiUrl: api, adminUrl: admin }
}
