import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { readSealedFile, writeSealedFile } from "./sealed-file.ts"
import { createSimulatedRandom, Life, SimulatedDisk } from "./simulated/index.ts"

function mount() {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(3) })
  return { disk, mounted: disk.mount(new Life()) }
}

test("what is written is read, and a file that is not there is undefined", async () => {
  const { mounted } = mount()
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      await writeSealedFile(mounted, "/file", value)
      assert.deepEqual(await readSealedFile(mounted, "/file"), JSON.parse(JSON.stringify(value)))
    }),
  )
  assert.equal(await readSealedFile(mounted, "/other"), undefined)
})

test("any flipped bit is found", async () => {
  const { disk, mounted } = mount()
  await writeSealedFile(mounted, "/file", { name: "orders", next: 12345 })
  const [file] = disk.files
  for (let offset = 0; offset < (file?.sizeBytes ?? 0); offset++) {
    for (let bit = 0; bit < 8; bit++) {
      disk.flipBit("/file", offset, bit)
      await assert.rejects(readSealedFile(mounted, "/file"), /"\/file" is damaged/, `byte ${offset}, bit ${bit}`)
      disk.flipBit("/file", offset, bit)
    }
  }
})
