/** The sessions of the pages: what they show to be pasted into a shell works. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, symlink, writeFile } from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { besideServer, launcher } from "./support/beside-server.ts"
import { objectsIn } from "./support/bucket-folder.ts"
import { Stage } from "./support/running-server.ts"

/** The first block of a language in a page. */
async function block(page: string, language: string): Promise<string> {
  const text = await readFile(path.join(path.dirname(launcher), "..", "docs", page), "utf8")
  const [, content] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text) ?? []
  assert.ok(content)
  return content
}

/** Pastes the first session of a page into a shell, beside a server with the stream of the demo. Answers what it printed. */
async function paste(t: TestContext, page: string): Promise<string> {
  return run(page, await besideServer(t, "earthquakes"))
}

async function run(page: string, { folder, env }: { readonly folder: string; readonly env: NodeJS.ProcessEnv }) {
  await symlink(launcher, path.join(folder, "hydrant"))
  const child = spawn("bash", ["-e", "-c", await block(page, "bash")], { cwd: folder, env })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  }
  const [status] = await once(child, "close")
  assert.equal(status, 0, output)
  return output
}

test("The session of redrive.md puts two records back, once", async (t) => {
  const output = await paste(t, "redrive.md")
  assert.match(output, /^Would put 2 records \(18 bytes\) of 1 object into earthquakes$/m)
  assert.match(output, /^Put 2 records \(18 bytes\) of 1 object into earthquakes: 1 request, /m)
  assert.match(output, /^Put 0 records [\s\S]*^2 records had been put before$/m)
  assert.match(output, /s3:\/\/\S+ {2}2 records, 18 bytes$/m)
})

test("The session of preview.md shows two partitions and a failure", async (t) => {
  const output = await paste(t, "preview.md")
  assert.match(output, /^ {3}delivered {2}s3:\/\/orders\/customer=a\/orders-1-.*\n {3}partition {2}customer=a\/$/m)
  assert.match(output, /^ {3}\{"customer":"b","n":2\}\\n$/m)
  assert.match(output, /^2 {2}\{"n":3\}\n {3}failed {5}s3:\/\/orders\/errors\/metadata-extraction-failed\/orders-1-/m)
  assert.match(output, /^ {3}metadata-extraction-failed: .* partitionKeys values must not be null or empty$/m)
})

test("The server, the function and the session of extensions.md do all that the page says", async (t) => {
  const page = "extensions.md"
  const stage = await Stage.open(t)
  const { folder } = stage
  await writeFile(path.join(folder, "order-lines.mjs"), await block(page, "js"))
  const { apiUrl, adminUrl } = await stage.start({ settingsFile: await block(page, "yaml") })
  const addresses = { AWS_ENDPOINT_URL_FIREHOSE: apiUrl, HYDRANT_ADMIN_URL: adminUrl }
  await run(page, { folder, env: { PATH: `${folder}:${process.env["PATH"]}`, HOME: folder, ...addresses } })
  const objects = await objectsIn(stage.dataFolder, "orders")
  const textOf = (start: string) => objects.find(({ key }) => key.startsWith(start))?.bytes.toString()
  assert.equal(textOf("lines/city=Kyiv/"), '[{"order":1,"item":"pen","n":2},{"order":1,"item":"ink","n":1}]\n')
  assert.equal(textOf("lines/city=Lviv/"), '[{"order":2,"item":"pen","n":5}]\n')
  assert.match(textOf("as-they-came/") ?? "", /^\{"id":1,.*\}\n\{"id":2,.*\}\n$/)
  assert.equal(objects.length, 3)
})
