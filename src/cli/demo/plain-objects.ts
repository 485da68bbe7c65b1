import { formatBytes, formatCounted } from "../quantities.ts"
import { cutTo, type Terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"
import { deliverEarthquakes } from "./deliver.ts"
import { findLocally, firstLines, shownPath } from "./sample.ts"
import type { DemoServer } from "./server.ts"
import { sampleWidth, step } from "./step.ts"
import { plainStream } from "./streams.ts"

/** The first part: earthquakes as they are, in an object. */
export async function showPlainObjects(world: CliWorld, out: Terminal, server: DemoServer): Promise<void> {
  const delivered = await deliverEarthquakes(world, out, server, plainStream)
  step(out, `Delivered them in ${formatCounted(delivered.length, "object")}`)
  out.line()
  const files: string[] = []
  for (const { location, recordCount, sizeBytes } of delivered) {
    const local = await findLocally(world, location, server.dataFolder)
    const amount = `${formatCounted(recordCount, "record")}, ${formatBytes(sizeBytes)}`
    out.line(`  ${out.paint("cyan", local === undefined ? location : shownPath(world, local.file))}`)
    out.line(`  ${local === undefined ? amount : `${amount}, compressed to ${formatBytes(local.storedBytes)}`}`)
    out.line()
    if (local !== undefined) files.push(local.file)
  }
  const [first] = files
  if (first === undefined) return
  out.line(`  How it begins, decompressed:`)
  for (const line of await firstLines(first, 3)) out.line(`  ${out.paint("dim", cutTo(sampleWidth(out), line))}`)
  out.line()
}
