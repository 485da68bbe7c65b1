/** House rules that a machine can hold. Each message says what to do instead. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"

const root = path.join(import.meta.dirname, "..", "..")

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => file.endsWith(".ts"))
}

const read = (file: string) => readFileSync(path.join(root, file), "utf8")
const isTest = (file: string) =>
  /\.(test|contract)\.ts$|\/(testing|memory-object-store|s3-double)\.ts$|\/simulated\//.test(file)
const sources = filesBelow("src")
const all = [...sources, ...filesBelow("test"), ...filesBelow("bench")]

/** The files that a file imports by a relative path, from the root. */
function importsOf(file: string): string[] {
  return [...read(file).matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, target = ""]) =>
    path.join(path.dirname(file), target),
  )
}

/** A part is a folder of src, or a file that stands beside them. */
const partOf = (file: string) => file.split(path.sep)[1] ?? file

test("parts import only those that the table in ARCHITECTURE.md lets them", () => {
  const rows = [...read("ARCHITECTURE.md").matchAll(/^\| ([a-z-]+) +\| [^|]+ \| ([^|]*)\|$/gm)]
  const allowed = new Map(
    rows.map(([, part = "", imports = ""]) => [part, imports.split(",").map((one) => one.trim())]),
  )
  assert.ok(allowed.size > 10, "the table was found")
  const folders = readdirSync(path.join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of folders) {
    assert.ok(allowed.has(name), `src/${name} is not in the table of ARCHITECTURE.md: add what it holds and may import`)
  }
  for (const file of sources.filter((source) => !isTest(source))) {
    const mayImport = allowed.get(partOf(file))
    if (mayImport === undefined) continue
    for (const imported of importsOf(file).map(partOf)) {
      assert.ok(
        imported === partOf(file) || mayImport.includes(imported),
        `${file} imports ${imported}: move what it needs, or change the table in ARCHITECTURE.md and say why there`,
      )
    }
  }
})

test("parts are imported through their faces only", () => {
  for (const file of sources.filter((source) => !isTest(source))) {
    for (const imported of importsOf(file)) {
      if (partOf(imported) === partOf(file) || !imported.startsWith(`src${path.sep}`)) continue
      const isFace = imported.endsWith(`${path.sep}index.ts`) || imported.split(path.sep).length === 2
      assert.ok(isFace, `${file} imports ${imported}: import its part's index.ts, and export there what is needed`)
    }
  }
})

test("no file is left unfinished by its own words", () => {
  const words = new RegExp(
    ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].map((word) => `\\b${word}\\b`).join("|"),
  )
  for (const file of all) assert.doesNotMatch(read(file), words, `${file}: finish it, or say it in the issue`)
})

test("file names are in kebab-case and say what is inside", () => {
  for (const file of all) {
    assert.match(path.basename(file), /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/, `${file}: use kebab-case`)
    assert.doesNotMatch(file, /\b(utils?|helpers?|managers?|common|misc)\b/, `${file}: name it by its one purpose`)
  }
})

test("every file that documents name is there", () => {
  for (const page of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]) {
    for (const [, link = ""] of read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(path.join(root, link)), `${page} links to ${link}, which is not there`)
    }
  }
  const words = read("ARCHITECTURE.md").matchAll(/`([a-z-]+\/[a-z/-]+\.ts)`/g)
  for (const [, name = ""] of words) {
    const there = existsSync(path.join(root, "src", name)) || existsSync(path.join(root, name))
    assert.ok(there, `ARCHITECTURE.md names ${name}, which is not there`)
  }
})
