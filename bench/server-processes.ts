import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"

/** A server in a process of its own. */
export interface ServerProcess {
  readonly apiUrl: string
  readonly adminUrl: string
  /** From the start of the process to the line that says that it is ready. */
  readonly readyMs: number
  /** What the process has used and uses. */
  use(): Promise<ProcessUse>
  /** Asks it to stop, and resolves when it has. */
  stop(): Promise<void>
  /** Ends it at once, as a loss of power would; resolves when it is gone. */
  kill(): Promise<void>
}

export interface ProcessUse {
  /** Time on any core, of all threads, since it was started. */
  readonly cpuSeconds: number
  readonly residentBytes: number
}

const root = path.join(import.meta.dirname, "..", "..")

export interface ServerProcessesOptions {
  /** Where they run: a folder without a hydrant.yaml. */
  readonly workingFolder: string
  /** Where each Hydrant writes a CPU profile when it is stopped; undefined for none. */
  readonly profileFolder: string | undefined
}

/** The processes of one bench, so that none is left behind. */
export class ServerProcesses {
  readonly #options: ServerProcessesOptions
  readonly #running = new Set<ChildProcess>()

  constructor(options: ServerProcessesOptions) {
    this.#options = options
  }

  /** Starts `hydrant serve` on free ports of loopback. */
  startHydrant(dataFolder: string, flags: readonly string[] = []): Promise<ServerProcess> {
    const { profileFolder } = this.#options
    const profiling = profileFolder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`]
    const ports = ["--listen-port", "0", "--admin-listen-port", "0"]
    const where = ["--data-folder", dataFolder, "--log-format", "json"]
    return this.#start([...profiling, path.join(root, "bin", "hydrant"), "serve", ...ports, ...where, ...flags])
  }

  /** Starts the server that Hydrant is compared with: bare-server.ts. */
  startBare(answerBytes: number): Promise<ServerProcess> {
    return this.#start([path.join(import.meta.dirname, "bare-server.js"), String(answerBytes)])
  }

  /** Runs plain-delivery.ts, and answers what it says: how many seconds it took. */
  async runPlainDelivery(compression: string, source: string, target: string): Promise<number> {
    const script = path.join(import.meta.dirname, "plain-delivery.js")
    const running = promisify(execFile)(process.execPath, [script, compression, source, target], this.#surroundings())
    this.#keep(running.child)
    return Number((await running).stdout)
  }

  /** Starts a server that is not ours; it is ended with the bench. What it says is dropped. */
  startOther(program: string, args: readonly string[]): void {
    this.#keep(spawn(program, args, { ...this.#surroundings(), stdio: "ignore" }))
  }

  /** Ends what is still running. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((child) => end(child, "SIGKILL")))
  }

  /** Starts Node. Both servers say that they are ready with a line of JSON that holds their URLs. */
  async #start(args: readonly string[]): Promise<ServerProcess> {
    const startMs = performance.now()
    const child = spawn(process.execPath, args, { ...this.#surroundings(), stdio: ["ignore", "pipe", "inherit"] })
    this.#keep(child)
    const { api, admin } = await readyLine(child)
    const readyMs = performance.now() - startMs
    return {
      apiUrl: api,
      adminUrl: admin,
      readyMs,
      use: () => readUse(admin),
      stop: () => end(child, "SIGTERM"),
      kill: () => end(child, "SIGKILL"),
    }
  }

  #keep(child: ChildProcess) {
    this.#running.add(child)
    child.once("exit", () => this.#running.delete(child))
  }

  /**
   * Without the settings that the person's own shell may hold for Hydrant and for the AWS SDK; with credentials, since a client
   * that has none looks for some everywhere, and sends nothing.
   */
  #surroundings() {
    const neutral = Object.entries(process.env).filter(([name]) => !/^(HYDRANT_|AWS_)/.test(name))
    const credentials = { AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" }
    // The same number of threads for all: Hydrant's launcher sets it too.
    const env = { ...Object.fromEntries(neutral), ...credentials, UV_THREADPOOL_SIZE: "16" }
    return { cwd: this.#options.workingFolder, env }
  }
}

interface ReadyLine {
  readonly api: string
  readonly admin: string
}

async function readyLine({ stdout }: ChildProcess): Promise<ReadyLine> {
  if (stdout === null) throw new Error("A server's output must be piped")
  const lines = createInterface({ input: stdout })
  for await (const line of lines) {
    const said: unknown = JSON.parse(line)
    if (isReadyLine(said)) {
      // The rest is read away, or the server would wait for it.
      stdout.resume()
      return said
    }
  }
  throw new Error("A server ended before it was ready")
}

function isReadyLine(said: unknown): said is ReadyLine {
  return typeof said === "object" && said !== null && "api" in said && "admin" in said
}

/** From the metrics in Prometheus's form that both servers give. */
async function readUse(adminUrl: string): Promise<ProcessUse> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1])
  return { cpuSeconds: value("process_cpu_seconds_total"), residentBytes: value("process_resident_memory_bytes") }
}

async function end(child: ChildProcess, signal: NodeJS.Signals) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, "exit")
  child.kill(signal)
  await exited
}
