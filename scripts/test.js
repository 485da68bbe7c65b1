// Runs the compiled tests with Node's own runner. `npm test -- log` runs only the files whose path contains "log".
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")
const wanted = process.argv.slice(2)
const files = ["dist/src", "dist/test"]
  .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.join(folder, name)))
  .filter((file) => file.endsWith(".test.js") && wanted.every((word) => file.includes(word)))
  .sort()
if (files.length === 0) {
  console.error(`No test file has ${wanted.map((word) => JSON.stringify(word)).join(" and ")} in its path`)
  process.exit(1)
}
const result = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], {
  cwd: root,
  stdio: "inherit",
})
process.exit(result.status ?? 1)
