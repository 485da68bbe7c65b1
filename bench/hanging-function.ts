/**
 * Whether a function that hangs slows other streams: how long a processed stream takes for a filled log, by itself, and
 * beside streams whose function never answers and whose records wait.
 */
import { rm, writeFile } from "node:fs/promises"
import path from "node:path"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { customerRecords, processedBy } from "./partitioned-stream.ts"
import { median, medianRatio } from "./statistics.ts"
import { createConfigured, deliverAll, fill, pauseDelivery } from "./streams.ts"

const mebibyte = 1024 * 1024
const hangingCount = 5

export const hangingFunction: Bench = {
  name: "hanging-function",
  about: "A processed stream by itself, and beside five whose function hangs with a loop that never ends",
  run: async (world) => [await compare(world)],
}

async function compare({ folder, processes, progress, quick }: BenchWorld): Promise<Table> {
  const sizeBytes = (quick ? 8 : 64) * mebibyte
  const roundCount = quick ? 1 : 3
  const dataFolder = path.join(folder, "hanging")
  const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`
  const good = path.join(folder, "good.mjs")
  const hanging = path.join(folder, "hanging.mjs")
  await writeFile(
    good,
    'export const handler = async ({ records }) => ({ records: records.map((one) => ({ ...one, result: "Ok" })) })\n',
  )
  await writeFile(hanging, "export const handler = () => new Promise(() => {})\n")
  const flags = ["--functions", `${arn("good")}=${good}`, "--functions", `${arn("hanging")}=${hanging}`]
  const hydrant = await processes.startHydrant(dataFolder, flags)
  const lambda = (name: string) =>
    processedBy("Lambda", { LambdaArn: arn(name), BufferSizeInMBs: "1", BufferIntervalInSeconds: "1" })
  await createConfigured(hydrant, "good", lambda("good"))
  for (let index = 0; index < hangingCount; index++)
    await createConfigured(hydrant, `hanging-${index}`, lambda("hanging"))
  const records = customerRecords(50)
  const measure = async () => {
    await pauseDelivery(hydrant, "good")
    await fill(hydrant, "good", records, sizeBytes)
    const startMs = performance.now()
    await deliverAll(hydrant, "good")
    await rm(path.join(dataFolder, "buckets", "bench"), { recursive: true })
    return (performance.now() - startMs) / 1000
  }
  const alone: number[] = []
  const beside: number[] = []
  progress("by itself")
  for (let round = 1; round <= roundCount; round++) alone.push(await measure())
  for (let index = 0; index < hangingCount; index++) await fill(hydrant, `hanging-${index}`, records, 16 * mebibyte)
  progress("beside five that hang")
  for (let round = 1; round <= roundCount; round++) beside.push(await measure())
  await hydrant.kill()
  const rate = (seconds: readonly number[]) => (sizeBytes / mebibyte / median(seconds)).toFixed(1)
  const columns = [{ title: "" }, { title: "MiB/s", align: "right" }, { title: "ratio", align: "right" }] as const
  const rows = [
    ["by itself", rate(alone), "1.00"],
    [`beside ${hangingCount} whose function hangs`, rate(beside), medianRatio(alone, beside).toFixed(2)],
  ]
  return { title: "A stream with a function in a local module", columns, rows }
}
