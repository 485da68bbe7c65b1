import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, test } from "node:test"
import { lockFolder } from "./folder-lock.ts"

let folder: string
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "hydrant-lock-"))
})
afterEach(() => fs.rm(folder, { recursive: true }))

test("a folder is one process's until it lets go of it", async () => {
  const lock = await lockFolder(folder)
  assert.ok(lock !== "taken")
  assert.equal(await lockFolder(folder), "taken")
  await lock.release()
  await lock.release()
  const again = await lockFolder(folder)
  assert.ok(again !== "taken")
  await again.release()
})

test("a lock whose process was killed is taken over", async () => {
  const script = `
    import { lockFolder } from ${JSON.stringify(path.join(import.meta.dirname, "folder-lock.js"))}
    await lockFolder(${JSON.stringify(folder)})
    console.log("locked")
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] })
  await once(child.stdout, "data")
  assert.equal(await lockFolder(folder), "taken")
  child.kill("SIGKILL")
  await once(child, "exit")
  const lock = await lockFolder(folder)
  assert.ok(lock !== "taken")
  await lock.release()
})

test("a lock's file that holds something else, as after a restored backup, is taken over", async () => {
  const spoiled = path.join(folder, "spoiled")
  await fs.mkdir(spoiled)
  await fs.writeFile(path.join(spoiled, "lock.sock"), "no socket")
  const lock = await lockFolder(spoiled)
  assert.ok(lock !== "taken")
  assert.equal(await lockFolder(spoiled), "taken")
  await lock.release()
})

test("a folder with a path too long for a socket is locked all the same", async () => {
  const deep = path.join(folder, "x".repeat(100), "y".repeat(100))
  await fs.mkdir(deep, { recursive: true })
  const lock = await lockFolder(deep)
  assert.ok(lock !== "taken")
  assert.equal(await lockFolder(deep), "taken")
  await lock.release()
})
