/**
 * What it costs the log to make a small group of records durable, one after the other, against writing the same bytes to a
 * file that grows and syncing it: the plain way. Both in this process, without the API.
 */
import { constants } from "node:fs"
import { open } from "node:fs/promises"
import path from "node:path"
import { batchOf, inTheClear, openLocalLog } from "../src/log/index.ts"
import { systemClock, systemDisk, systemRandom } from "../src/platform/index.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { median, medianRatio } from "./statistics.ts"

const hour = 3_600_000
const mebibyte = 1024 * 1024
const limits = {
  segmentBytesMax: 64 * mebibyte,
  segmentAgeMsMax: hour,
  queueBytesMax: 64 * mebibyte,
  queueAgeMsMax: hour,
}

export const append: Bench = {
  name: "append",
  about: "A record of 200 bytes made durable by the log, one at a time, against write and fdatasync",
  run: measureAppend,
}

interface Round {
  readonly cpuUs: number
  readonly latencyUs: number
}

async function measureAppend({ folder, progress, quick }: BenchWorld): Promise<readonly Table[]> {
  const count = quick ? 200 : 2000
  const record = Buffer.alloc(200, "x")
  const log = openLocalLog({
    disk: systemDisk,
    folder: path.join(folder, "log"),
    clock: systemClock,
    random: systemRandom,
    limits,
    onNote: (_, note) => progress(note),
  })
  const partition = await log.open({ streamUid: "bench", partition: 0 }, inTheClear)
  const plain = await open(path.join(folder, "plain"), constants.O_RDWR | constants.O_CREAT)
  let offset = 0
  const ours: Round[] = []
  const theirs: Round[] = []
  try {
    // The first round warms up.
    for (let round = 0; round <= (quick ? 1 : 7); round++) {
      const one = await measure(count, () => partition.append(batchOf([record])))
      const other = await measure(count, async () => {
        await plain.writev([record], offset)
        await plain.datasync()
        offset += record.length
      })
      if (round > 0) {
        ours.push(one)
        theirs.push(other)
      }
    }
  } finally {
    await plain.close()
    await log.close()
  }
  return [
    {
      title: "A record of 200 bytes made durable, one at a time",
      columns: [
        { title: "" },
        { title: "p50 us", align: "right" },
        { title: "CPU us", align: "right" },
        { title: "ratio", align: "right" },
        { title: "by CPU", align: "right" },
      ],
      rows: [
        [...row("the log", ours), ratio(ours, theirs, "latencyUs"), ratio(ours, theirs, "cpuUs")],
        [...row("write and fdatasync", theirs), "", ""],
      ],
    },
  ]
}

async function measure(count: number, store: () => Promise<unknown>): Promise<Round> {
  const latenciesUs: number[] = []
  const before = process.cpuUsage()
  for (let index = 0; index < count; index++) {
    const startedMs = performance.now()
    await store()
    latenciesUs.push((performance.now() - startedMs) * 1000)
  }
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: (user + system) / count, latencyUs: median(latenciesUs) }
}

function row(name: string, rounds: readonly Round[]): readonly string[] {
  const middle = (figure: keyof Round) => median(rounds.map((round) => round[figure])).toFixed(0)
  return [name, middle("latencyUs"), middle("cpuUs")]
}

function ratio(ours: readonly Round[], theirs: readonly Round[], figure: keyof Round): string {
  const figures = (rounds: readonly Round[]) => rounds.map((round) => round[figure])
  return medianRatio(figures(ours), figures(theirs)).toFixed(2)
}
