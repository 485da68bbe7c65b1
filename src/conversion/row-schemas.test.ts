import assert from "node:assert/strict"
import { test } from "node:test"
import { writeSealedFile } from "../platform/index.ts"
import { createSimulatedRandom, Life, SimulatedClock, SimulatedDisk } from "../platform/simulated/index.ts"
import type { RowSchema } from "./row-schema.ts"
import { rowSchemaId } from "./row-schema.ts"
import { RowSchemaFolder } from "./row-schemas.ts"

const openX: RowSchema = {
  type: {
    kind: "struct",
    fields: [
      { name: "id", type: { kind: "bigint" } },
      { name: "price", type: { kind: "decimal", precision: 12, scale: 2 } },
      {
        name: "lines",
        type: { kind: "array", element: { kind: "struct", fields: [{ name: "sku", type: { kind: "string" } }] } },
      },
    ],
  },
  deserializer: {
    kind: "openx",
    convertDotsInJsonKeysToUnderscores: true,
    caseInsensitive: false,
    columnToJsonKeyMappings: { id: "ID" },
  },
}
const hive: RowSchema = { type: openX.type, deserializer: { kind: "hive", timestampFormats: ["yyyy", "millis"] } }

function newDisk() {
  const clock = new SimulatedClock()
  const disk = new SimulatedDisk({ random: createSimulatedRandom(1), clock })
  const mount = () => disk.mount(new Life())
  return { clock, disk, mount }
}

test("A schema that was kept is found in a later life, whatever it is", async () => {
  const { clock, disk, mount } = newDisk()
  const run = async () => {
    const first = new RowSchemaFolder(mount(), "/schemas")
    const ids = [await first.keep(openX), await first.keep(hive), await first.keep({ ...openX })]
    assert.deepEqual(ids, [rowSchemaId(openX), rowSchemaId(hive), rowSchemaId(openX)])
    assert.notEqual(ids[0], ids[1])
    disk.crash("power")
    const second = new RowSchemaFolder(mount(), "/schemas")
    assert.deepEqual(await second.find(rowSchemaId(openX)), openX)
    assert.deepEqual(await second.find(rowSchemaId(hive)), hive)
  }
  await clock.run(run(), 60_000)
})

test("A damaged schema is read from its copy; when both are, that is said, and keeping it again mends it", async () => {
  const { clock, mount } = newDisk()
  const run = async () => {
    const id = await new RowSchemaFolder(mount(), "/schemas").keep(openX)
    const disk = mount()
    await writeSealedFile(disk, `/schemas/${id}.schema`, "no schema")
    assert.deepEqual(await new RowSchemaFolder(disk, "/schemas").find(id), openX)
    await writeSealedFile(disk, `/schemas/${id}.copy`, { columns: [] })
    const folder = new RowSchemaFolder(disk, "/schemas")
    await assert.rejects(folder.find(id), /what they were checked by is lost .*It is no schema of rows/)
    await folder.keep(openX)
    assert.deepEqual(await new RowSchemaFolder(disk, "/schemas").find(id), openX)
  }
  await clock.run(run(), 60_000)
})

test("After a failed write a schema is not taken for kept", async () => {
  const { clock, disk, mount } = newDisk()
  const run = async () => {
    const folder = new RowSchemaFolder(mount(), "/schemas")
    await new RowSchemaFolder(mount(), "/schemas").keep(hive)
    disk.failNext("sync")
    await assert.rejects(folder.keep(openX))
    await folder.keep(openX)
    assert.deepEqual(await new RowSchemaFolder(mount(), "/schemas").find(rowSchemaId(openX)), openX)
  }
  await clock.run(run(), 60_000)
})
