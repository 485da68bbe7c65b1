/**
 * Faults of the machine under a running process: strace attaches to it and has system calls fail, or take long, for as long
 * as it stays. The process under test is the real one, and knows nothing of it.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import { until } from "./until.ts"

/** As strace's `inject=` says it: `fdatasync,fsync:error=EIO`, `pwrite64:delay_exit=200000` (microseconds). */
export type Injection = string

/** Why faults can't be injected here; undefined when they can. */
export function whyNoInjection(): string | undefined {
  if (process.platform !== "linux") return "strace injects faults on Linux only"
  // A process that this one did not start is what a running server is to strace.
  const probe = spawnSync("bash", ["-c", "sleep 0.1 & exec strace -qq -e trace=none -p $!"], { encoding: "utf8" })
  if (probe.status === 0) return undefined
  return `strace is missing or may not attach (on Debian: apt-get install strace; in a container: --cap-add SYS_PTRACE): ${probe.stderr.trim()}`
}

/** Faults that a process suffers until they are lifted, or it ends. */
export class SystemCallFaults {
  readonly #child: ChildProcessByStdio<null, null, Readable>
  readonly #ended: Promise<unknown>
  #told = ""
  #injectedCount = 0

  /** Attaches to a process and all its threads. */
  static attach(pid: number, injections: readonly Injection[]): SystemCallFaults {
    return new SystemCallFaults(pid, injections)
  }

  private constructor(pid: number, injections: readonly Injection[]) {
    const calls = injections.map((injection) => injection.slice(0, injection.indexOf(":"))).join(",")
    const faults = injections.flatMap((injection) => ["-e", `inject=${injection}`])
    this.#child = spawn("strace", ["-f", "-qq", "-p", `${pid}`, "-e", `trace=${calls}`, ...faults], {
      stdio: ["ignore", "ignore", "pipe"],
    })
    this.#ended = once(this.#child, "close")
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      const lines = `${this.#told}${text}`.split("\n")
      this.#told = lines.pop() ?? ""
      this.#injectedCount += lines.filter((line) => /\((INJECTED|DELAYED)\)/.test(line)).length
    })
  }

  /** Resolves once this many system calls more have met the fault. */
  async met(count: number): Promise<void> {
    const target = this.#injectedCount + count
    await until(() => {
      if (this.#child.exitCode !== null) throw new Error(`strace has ended: ${this.#told}`)
      return this.#injectedCount >= target
    })
  }

  /** Lets the process go on without faults. */
  async lift(): Promise<void> {
    this.#child.kill("SIGTERM")
    await this.#ended
  }
}
