/** For tests: logs in a folder of their own on the machine's disk, and records as texts. */
import assert from "node:assert/strict"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { TestContext } from "node:test"
import { type Clock, type Disk, type Random, systemClock, systemDisk, systemRandom } from "../../platform/index.ts"
import {
  asPosition,
  type Frame,
  type FrameKeys,
  inTheClear,
  type Log,
  type LogPartition,
  type RecordBatch,
} from "../log.ts"
import { openLocalLog } from "./local-log.ts"
import type { LocalLogLimits } from "./local-partition.ts"

export interface TestLogParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly keys: FrameKeys
  readonly limits: Partial<LocalLogLimits>
}

/** One stream's log in a folder that is gone after the test. It may be opened and stopped many times. */
export class TestLog {
  readonly folder: string
  /** What recovery told, over all times that it was opened. */
  readonly notes: string[] = []
  readonly #open: Log[] = []

  static async make(context: TestContext): Promise<TestLog> {
    const log = new TestLog(await mkdtemp(path.join(tmpdir(), "hydrant-log-")))
    context.after(async () => {
      await log.stop()
      await rm(log.folder, { recursive: true })
    })
    return log
  }

  private constructor(folder: string) {
    this.folder = folder
  }

  async open(parts: Partial<TestLogParts> = {}): Promise<LogPartition> {
    const { disk = systemDisk, clock = systemClock, random = systemRandom, keys = inTheClear } = parts
    const limits = {
      segmentBytesMax: 4096,
      segmentAgeMsMax: 3_600_000,
      queueBytesMax: 64 * 1024 * 1024,
      queueAgeMsMax: 5000,
    }
    const onNote = (_: unknown, note: string) => this.notes.push(note)
    const all = { disk, clock, random, folder: this.folder, limits: { ...limits, ...parts.limits }, onNote }
    const log = openLocalLog(all)
    this.#open.push(log)
    return log.open({ streamUid: "orders-1", partition: 0 }, keys)
  }

  /** Ends the log as a stop does, so that a test can look at its files and open it again. */
  async stop(): Promise<void> {
    for (const log of this.#open.splice(0)) await log.close()
  }

  /** Where its segment files are. */
  get segmentFolder(): string {
    return path.join(this.folder, "orders-1", "0")
  }

  /** The paths of its segment files, the oldest first. */
  async segments(): Promise<string[]> {
    return (await readdir(this.segmentFolder)).sort().map((name) => path.join(this.segmentFolder, name))
  }

  /** The content of its segment files, the oldest first. */
  async contents(): Promise<Buffer[]> {
    return Promise.all((await this.segments()).map((file) => readFile(file)))
  }
}

export function batch(...records: readonly string[]): RecordBatch {
  const data = records.map((record) => Buffer.from(record))
  return { lengths: Uint32Array.from(data, (one) => one.length), data: Buffer.concat(data) }
}

export function texts(frames: readonly Frame[]): string[] {
  return frames.flatMap((frame) => {
    let end = 0
    return [...frame.lengths].map((length) => {
      end += length
      return Buffer.from(frame.data.subarray(end - length, end)).toString()
    })
  })
}

/** What a read of a partition gives: the records, how many are told to be lost, and where it came to. */
export async function read(partition: LogPartition, from: number, to: number = partition.end) {
  const got = { records: [] as string[], lost: 0, next: asPosition(from) }
  for await (const { frames, damage, next } of partition.read(asPosition(from), asPosition(to))) {
    got.records.push(...texts(frames))
    got.lost += damage.reduce((sum, one) => sum + one.to - one.from, 0)
    got.next = next
  }
  return got
}

/** All that a partition holds, and how many records it tells to be lost. */
export async function readAll(partition: LogPartition) {
  const { records, lost, next } = await read(partition, partition.start)
  assert.equal(next, partition.end)
  return { records, lost }
}

/** All records of a partition, read no more than `countMax` at a time. */
export async function readInSteps(partition: LogPartition, countMax: number) {
  const records: string[] = []
  for (let next = partition.start; next < partition.end; ) {
    const got = await read(partition, next, next + countMax)
    records.push(...got.records)
    next = got.next
  }
  return records
}
