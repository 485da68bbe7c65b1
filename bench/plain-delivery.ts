/**
 * What delivery is compared with: `node plain-delivery.js COMPRESSION SOURCE TARGET` makes files of 5 MiB of a file's
 * bytes each in the folder TARGET, compressed or not, and syncs each. It
 * says how many seconds that took.
 */
import { mkdir, open, stat } from "node:fs/promises"
import path from "node:path"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"

const objectBytes = 5 * 1024 * 1024
/** As Hydrant does. */
const atATime = 4
const level = 6
const chunkBytes = 1024 * 1024

const [compression, source = "", target = ""] = process.argv.slice(2)

await mkdir(target)
const { size } = await stat(source)
const starts = Array.from({ length: Math.ceil(size / objectBytes) }, (_, index) => index * objectBytes)
const startMs = performance.now()
await Promise.all(Array.from({ length: atATime }, work))
console.log((performance.now() - startMs) / 1000)

/** Makes files until none is left to make. */
async function work() {
  for (let start = starts.shift(); start !== undefined; start = starts.shift()) await deliver(start)
}

async function deliver(start: number) {
  const input = await open(source)
  const output = await open(path.join(target, String(start)), "wx")
  const read = input.createReadStream({ start, end: start + objectBytes - 1, highWaterMark: chunkBytes })
  const written = output.createWriteStream({ flush: true })
  await (compression === "GZIP" ? pipeline(read, createGzip({ level }), written) : pipeline(read, written))
}
