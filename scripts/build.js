// Compiles every TypeScript source into dist/, one .js file for each .ts, and copies the data files that they read.
import { spawnSync } from "node:child_process"
import { cpSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")
const compiler = createRequire(import.meta.url).resolve("typescript/package.json")
rmSync(path.join(root, "dist"), { recursive: true, force: true })
const result = spawnSync(process.execPath, [path.join(path.dirname(compiler), "bin", "tsc")], {
  cwd: root,
  stdio: "inherit",
})
if (result.status !== 0) process.exit(result.status ?? 1)
cpSync(path.join(root, "test", "fixtures"), path.join(root, "dist", "test", "fixtures"), { recursive: true })
