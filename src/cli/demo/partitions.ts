import type { DeliveredObject } from "../admin-answers.ts"
import { formatBytes, formatCount, formatCounted } from "../quantities.ts"
import { tableLines } from "../table.ts"
import { cutTo, type Terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"
import { deliverEarthquakes } from "./deliver.ts"
import { findLocally, firstLines, shownPath } from "./sample.ts"
import { type DemoServer, functionProblem } from "./server.ts"
import { sampleWidth, step } from "./step.ts"
import { partitionErrorsFolder, partitionedStream, partitionsFolder, regionFunction } from "./streams.ts"

const rowsMax = 8

/**
 * The second part: the same earthquakes, changed by a function and put in a folder for each region and magnitude. A server that
 * does not know the function can't show it, and the person is told what to set.
 */
export async function showPartitions(world: CliWorld, out: Terminal, server: DemoServer): Promise<void> {
  const problem = await functionProblem(world, server)
  if (problem !== undefined) {
    out.line(`Left out: a stream with a function and partitions. The server says of the function:
${problem}

It is to be started with the following; a server that the demo starts knows it.

  --functions ${regionFunction.arn}=${regionFunction.file}
`)
    return
  }
  out.line(`Once more, by region and magnitude: a function finds each earthquake's region,
drops what is no earthquake, and fails where it doesn't know the region; a jq
program says how strong it was.
`)
  const delivered = await deliverEarthquakes(world, out, server, partitionedStream)
  const objects = delivered.map((object) => ({ object, ...placeOf(object) }))
  const failed = objects.filter(({ folder }) => folder === partitionErrorsFolder)
  const partitions = byPartition(objects.filter(({ folder }) => folder === partitionsFolder))
  step(
    out,
    `Delivered ${formatCounted(countOf(partitions), "record")} in ${formatCounted(partitions.length, "partition")}`,
  )
  out.line()
  showTable(out, partitions)
  await showBeginning(world, out, server, partitions)
  await showFailures(world, out, server, failed)
}

interface Placed {
  readonly object: DeliveredObject
  /** Which of the stream's two folders it is in. */
  readonly folder: string | undefined
  /** What its partition is called below that. */
  readonly partition: string
}

function placeOf({ location }: DeliveredObject): Omit<Placed, "object"> {
  const folder = [partitionsFolder, partitionErrorsFolder].find((one) => location.includes(`/${one}`))
  const key = location.slice(location.indexOf(`/${folder}`) + 1 + (folder?.length ?? 0))
  return { folder, partition: key.slice(0, key.lastIndexOf("/")) }
}

interface Partition {
  readonly name: string
  readonly recordCount: number
  readonly sizeBytes: number
  readonly location: string
}

/** The largest first: several objects of a partition count together. */
function byPartition(objects: readonly Placed[]): Partition[] {
  const partitions = new Map<string, Partition>()
  for (const { object, partition: name } of objects) {
    const { recordCount, sizeBytes } = partitions.get(name) ?? { recordCount: 0, sizeBytes: 0 }
    partitions.set(name, {
      name,
      recordCount: recordCount + object.recordCount,
      sizeBytes: sizeBytes + object.sizeBytes,
      location: object.location,
    })
  }
  return [...partitions.values()].sort((one, other) => other.recordCount - one.recordCount)
}

function countOf(partitions: readonly Pick<Partition, "recordCount">[]): number {
  return partitions.reduce((sum, { recordCount }) => sum + recordCount, 0)
}

function showTable(out: Terminal, partitions: readonly Partition[]): void {
  const rest = partitions.slice(rowsMax)
  const rows = partitions.slice(0, rowsMax).map(rowOf)
  if (rest.length > 0) {
    const sizeBytes = rest.reduce((sum, one) => sum + one.sizeBytes, 0)
    rows.push(rowOf({ name: `${formatCount(rest.length)} more`, recordCount: countOf(rest), sizeBytes }))
  }
  const columns = [
    { title: `BELOW ${partitionsFolder}` },
    { title: "RECORDS", align: "right" },
    { title: "SIZE", align: "right" },
  ] as const
  for (const line of tableLines(columns, rows, sampleWidth(out))) out.line(`  ${line}`)
  out.line()
}

function rowOf({ name, recordCount, sizeBytes }: Omit<Partition, "location">): string[] {
  return [name, formatCount(recordCount), formatBytes(sizeBytes)]
}

/** How a partition begins: that of the strong earthquakes. */
async function showBeginning(world: CliWorld, out: Terminal, server: DemoServer, partitions: readonly Partition[]) {
  const shown = partitions.find(({ name }) => name.endsWith("magnitude=strong")) ?? partitions[0]
  if (shown === undefined) return
  const local = await findLocally(world, shown.location, server.dataFolder)
  if (local === undefined) return
  out.line(`  How ${shown.name} begins:`)
  for (const line of await firstLines(local.file, 3)) out.line(`  ${out.paint("dim", cutTo(sampleWidth(out), line))}`)
  out.line()
}

/** The records that the function failed, and what stands in the error output for the first of them. */
async function showFailures(world: CliWorld, out: Terminal, server: DemoServer, failed: readonly Placed[]) {
  const [first] = failed
  if (first === undefined) return
  const recordCount = countOf(failed.map(({ object }) => object))
  const { location } = first.object
  const local = await findLocally(world, location, server.dataFolder)
  out.line(`  ${formatCounted(recordCount, "record")} failed, and are kept whole, in lines of JSON that say why; once the
  function is mended, ${world.programName} redrive puts them again:`)
  out.line(`  ${out.paint("cyan", local === undefined ? location : shownPath(world, local.file))}`)
  if (local !== undefined) {
    const [line = ""] = await firstLines(local.file, 1)
    for (const [name, value] of Object.entries(JSON.parse(line))) {
      out.line(`  ${out.paint("dim", cutTo(sampleWidth(out), `  ${name}: ${JSON.stringify(value)}`))}`)
    }
  }
  out.line()
}
