/**
 * A disk for the real process that can lose power: forgetful.c beside this file, compiled when it is first wanted, and mounted
 * over what was durable when power was last lost.
 */
import assert from "node:assert/strict"
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { Readable, Writable } from "node:stream"
import type { TestContext } from "node:test"

const source = path.join(import.meta.dirname, "..", "..", "..", "test", "forgetful-disk", "forgetful.c")

/** The compiled file system, or why there can't be one here. */
export type ForgetfulProgram =
  | { readonly kind: "built"; readonly file: string }
  | { readonly kind: "missing"; readonly why: string }

/** Compiles the file system; it is removed with this process. */
export function buildForgetful(): ForgetfulProgram {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/dev/fuse")) {
    return {
      kind: "missing",
      why: "a disk that loses power needs Linux, root and /dev/fuse (a container: --device /dev/fuse --cap-add SYS_ADMIN)",
    }
  }
  const folder = mkdtempSync(path.join(tmpdir(), "hydrant-forgetful-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, "forgetful")
  const compile = 'gcc -O1 -Wall -Wextra -Werror -o "$1" "$2" $(pkg-config --cflags --libs fuse3)'
  const { status, stderr } = spawnSync("bash", ["-c", compile, "bash", file, source], { encoding: "utf8" })
  if (status === 0) return { kind: "built", file }
  const advice = "on Debian: apt-get install gcc libc6-dev pkg-config libfuse3-dev fuse3"
  return { kind: "missing", why: `a disk that loses power cannot be compiled (${advice}): ${stderr.trim()}` }
}

/** What became of changes that were not durable when power was lost. */
export interface PowerLoss {
  readonly unsyncedCount: number
  readonly lostCount: number
  readonly tornCount: number
}

/** One disk through any number of mounts, each of which ends by a loss of power. It ends with its test. */
export class ForgetfulDisk {
  /** Where it is mounted. */
  readonly mountPoint: string
  readonly #program: string
  readonly #folder: string
  #mountCount = 0
  #mounted: ChildProcessByStdio<Writable, Readable, null> | undefined
  #told = ""

  /** An empty disk. It is to be made before what uses it: what was made first ends first, and nothing that hangs is left. */
  static async make(t: TestContext, program: ForgetfulProgram): Promise<ForgetfulDisk> {
    assert(program.kind === "built")
    const disk = new ForgetfulDisk(program.file, await mkdtemp(path.join(tmpdir(), "hydrant-disk-")))
    await mkdir(disk.mountPoint, { recursive: true })
    await mkdir(disk.durableFolder)
    t.after(() => disk.#end())
    return disk
  }

  private constructor(program: string, folder: string) {
    this.#program = program
    this.#folder = folder
    this.mountPoint = path.join(folder, "disk")
  }

  /** What was durable when power was last lost. */
  get durableFolder(): string {
    return path.join(this.#folder, `durable-${this.#mountCount}`)
  }

  /** Mounts it with what was durable. The seed decides what survives of the rest when power is lost. */
  async mount(seed: number): Promise<void> {
    assert(this.#mounted === undefined, "it is not mounted")
    const from = this.durableFolder
    this.#mountCount++
    await mkdir(this.durableFolder)
    this.#told = ""
    const child = spawn(this.#program, [this.mountPoint, from, this.durableFolder, `${seed}`], {
      stdio: ["pipe", "pipe", "inherit"],
    })
    this.#mounted = child
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#told += text
    })
    const [first] = await Promise.race([once(child.stdout, "data"), once(child, "close")])
    assert.equal(first, "mounted\n", "the disk was mounted")
    await rm(from, { recursive: true })
  }

  /** Takes the power away, in the middle of whatever is done. From here on, whatever is asked of the disk fails. */
  async losePower(): Promise<PowerLoss> {
    assert(this.#mounted !== undefined, "it is mounted")
    const ended = once(this.#mounted, "close")
    this.#mounted.stdin.end()
    await ended
    const [, ...counts] = /(\d+) changes were not synced: (\d+) lost, (\d+) torn\n$/.exec(this.#told) ?? []
    const [unsyncedCount, lostCount, tornCount] = counts.map(Number)
    assert(unsyncedCount !== undefined && lostCount !== undefined && tornCount !== undefined, this.#told)
    return { unsyncedCount, lostCount, tornCount }
  }

  /** Takes the dead disk away once nobody uses it any more: before, others would write to the folder below its mount. */
  unmount(): void {
    const { status, stderr } = spawnSync("umount", [this.mountPoint], { encoding: "utf8" })
    assert.equal(status, 0, stderr)
    this.#mounted = undefined
  }

  async #end(): Promise<void> {
    if (this.#mounted !== undefined) {
      this.#mounted.kill("SIGKILL")
      spawnSync("umount", ["--lazy", this.mountPoint])
    }
    await rm(this.#folder, { recursive: true })
  }
}
