/**
 * A stopped server's data folder, damaged in one place, and then started on: a bit flipped, a file cut, emptied or gone.
 * Nothing is ever lost in silence, and never more than what was hit: the rest is delivered once, and what the server would
 * not start with is delivered once it is restored.
 *
 * HYDRANT_TEST_DAMAGE=all tries every byte; else some are drawn, and HYDRANT_TEST_SEED=N draws the same ones again.
 */
import assert from "node:assert/strict"
import { randomInt } from "node:crypto"
import { copyFile, readFile, rm, stat, truncate, writeFile } from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { createSimulatedRandom } from "../../src/platform/simulated/index.ts"
import { objectsIn } from "../support/bucket-folder.ts"
import { recordsOf } from "../support/delivered-records.ts"
import { type AdminAnswer, askAdmin } from "../support/firehose.ts"
import { startHere } from "../support/server-here.ts"
import { until } from "../support/until.ts"
import { copyOf, type DataFile, makeSpecimen, type Specimen, specimenFlags, streams } from "./specimen.ts"

type Damage =
  | { readonly kind: "bit flipped"; readonly offset: number; readonly bit: number }
  | { readonly kind: "cut"; readonly sizeBytes: number }
  | { readonly kind: "gone" }

const seed = Number(process.env["HYDRANT_TEST_SEED"] ?? randomInt(2 ** 31))
const random = createSimulatedRandom(seed)
const every = process.env["HYDRANT_TEST_DAMAGE"] === "all"
/** Of each file, when not every byte is tried. */
const flipsPerFile = 2

test(`Damage to any file is told, and costs no more than it hit (seed ${seed})`, async (t) => {
  const specimen = await makeSpecimen(t)
  for (const file of specimen.files) {
    await t.test(nameOf(file), async (t) => {
      for (const damage of damagesOf(file)) {
        try {
          await suffer(t, specimen, file, damage)
        } catch (cause) {
          const what = `${file.file} of ${file.sizeBytes} bytes: ${JSON.stringify(damage)}`
          throw new Error(`${what}: ${cause instanceof Error ? cause.message : cause}`, { cause })
        }
      }
    })
  }
})

/** Without what is random in it. */
function nameOf({ file }: DataFile): string {
  return file.replace(/-[0-9a-f]{12}/, "-UID")
}

function* damagesOf({ sizeBytes }: DataFile): Generator<Damage> {
  const offsets = Array.from({ length: sizeBytes }, (_, offset) => offset)
  const flipped = every ? offsets : Array.from({ length: flipsPerFile }, () => random.integer(sizeBytes))
  for (const offset of flipped) yield { kind: "bit flipped", offset, bit: random.integer(8) }
  const sizes = every ? offsets : [0, random.integer(sizeBytes)]
  for (const size of sizes) yield { kind: "cut", sizeBytes: size }
  yield { kind: "gone" }
}

async function suffer(t: TestContext, specimen: Specimen, hit: DataFile, damage: Damage): Promise<void> {
  const dataFolder = await copyOf(specimen, t)
  const file = path.join(dataFolder, hit.file)
  await inflict(file, damage)
  const first = await runOnce(dataFolder)
  if (first.kind !== "worked") {
    assert(first.told.includes(path.basename(hit.file)), `it does not say which file is damaged: ${first.told}`)
    await copyFile(path.join(specimen.dataFolder, hit.file), file)
    const second = await runOnce(dataFolder)
    assert.equal(second.kind, "worked", `with the file restored: ${second.told}`)
  }
  const contents = streams.map(async (name) => [name, await recordsOf(await objectsIn(dataFolder, name))] as const)
  const delivered = new Map(await Promise.all(contents))
  const lost = specimen.ledger.lost(delivered)
  assert(
    // What was processed together is lost together.
    lost.length <= (damage.kind === "bit flipped" && !hit.file.startsWith("spool/") ? 1 : hit.puts.length),
    `${lost.length} puts are lost: ${first.told}`,
  )
  if (lost.length > 0 && !(await isBeyondKnowing(specimen, hit, damage, file))) {
    assert.match(first.told, /damaged|is missing|are gone|Cut \d+ bytes|ends before|can't be read/)
  }
  specimen.ledger.assertDelivered(delivered, new Set(hit.puts))
}

/**
 * Nothing else says where a log ended: one whose last file is gone, or was cut between two frames, looks as if it had never
 * been longer. (Not so when delivery had seen more of it.)
 */
async function isBeyondKnowing({ files }: Specimen, hit: DataFile, damage: Damage, file: string): Promise<boolean> {
  const followers = files.filter((one) => path.dirname(one.file) === path.dirname(hit.file) && one.file > hit.file)
  if (followers.length > 0 || /^(log\/waiting-|spool\/)/.test(hit.file)) return false
  if (damage.kind === "cut") return damage.sizeBytes > 0 && (await stat(file)).size === damage.sizeBytes
  return damage.kind === "gone"
}

async function inflict(file: string, damage: Damage): Promise<void> {
  switch (damage.kind) {
    case "bit flipped": {
      const content = await readFile(file)
      content.writeUInt8(content.readUInt8(damage.offset) ^ (1 << damage.bit), damage.offset)
      return writeFile(file, content)
    }
    case "cut":
      return truncate(file, damage.sizeBytes)
    case "gone":
      return rm(file)
  }
}

interface Life {
  /** Whether all streams worked, one or more did not, or the server did not start. */
  readonly kind: "worked" | "worked in part" | "refused"
  /** What it said: its log, health, and why it did not start. */
  readonly told: string
}

/** Starts a server, has the streams that work deliver all they hold, and stops it. */
async function runOnce(dataFolder: string): Promise<Life> {
  const outcome = await startHere(dataFolder, { ...specimenFlags, tls: "self-signed" })
  if (outcome.kind === "refused") return { kind: "refused", told: `${outcome.reason}\n${outcome.log}` }
  const { server } = outcome
  const { body } = await askAdmin(server.adminUrl, "GET", "/health")
  const { problems } = body
  assert(Array.isArray(problems))
  const working = await streamsThatWork(server.adminUrl, problems)
  let answers: readonly PromiseSettledResult<AdminAnswer>[] | undefined
  const flushed = Promise.allSettled(
    working.map((name) => askAdmin(server.adminUrl, "POST", `/streams/${name}/flush?timeout-seconds=120`)),
  ).then((all) => {
    answers = all
  })
  // Records whose key is gone wait for it, and so does the flush until the server stops.
  await until(() => answers !== undefined || server.log().includes("encryption.keys"))
  await server.close()
  await flushed
  const told = `${problems.join("\n")}\n${server.log()}`
  const delivered = answers?.filter((one) => one.status === "fulfilled" && one.value.status === 200).length
  return { kind: delivered === streams.length ? "worked" : "worked in part", told }
}

async function streamsThatWork(adminUrl: string, problems: readonly unknown[]): Promise<string[]> {
  const { body } = await askAdmin(adminUrl, "GET", "/streams")
  const known = JSON.stringify(body)
  return streams
    .filter((name) => known.includes(`"${name}"`))
    .filter((name) => !problems.some((problem) => String(problem).includes(`"${name}"`)))
}
