import { mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import type { TestContext } from "node:test"
import { systemClock, systemRandom } from "../platform/index.ts"
import { createFunctions, type FunctionsOptions } from "./create-functions.ts"
import type { Functions, Invocation } from "./functions.ts"

export const arn = "arn:aws:lambda:us-east-1:000000000000:function:orders"

/** Functions as a server has them, whose log is kept for the test to look at. They end with the test. */
export function functionsFor(t: TestContext, options: Partial<FunctionsOptions>) {
  const lines: { readonly fields: Readonly<Record<string, unknown>>; readonly text: string }[] = []
  const log = (fields: object, text = "") => void lines.push({ fields: { ...fields }, text })
  const functions = createFunctions({
    clock: systemClock,
    random: systemRandom,
    logger: { info: log, warn: log },
    mapped: new Map(),
    timeoutMs: 20_000,
    memoryBytesMax: 64 * 1024 * 1024,
    lambda: undefined,
    ...options,
  })
  t.after(() => functions.close())
  return { functions, lines }
}

/** A folder that is removed after the test. */
export async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hydrant-functions-"))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** A module as the function `arn`. */
export async function moduleFor(
  t: TestContext,
  source: string,
  options: Partial<FunctionsOptions> & { readonly name?: string } = {},
) {
  const { name = "orders.mjs", ...others } = options
  const file = path.join(await folderFor(t), name)
  await writeFile(file, source)
  return { file, ...functionsFor(t, { mapped: new Map([[arn, file]]), ...others }) }
}

/** Invokes `arn` with a value and answers what came of it, its JSON parsed. */
export async function invoke(
  functions: Functions,
  event: unknown = {},
  invoked = arn,
  signal = new AbortController().signal,
) {
  const invocation = await functions.invoke(invoked, Buffer.from(JSON.stringify(event)), signal)
  return shown(invocation)
}

function shown(invocation: Invocation) {
  if (invocation.kind === "failed") return invocation
  return { kind: "returned", value: JSON.parse(Buffer.from(invocation.payload).toString()) } as const
}
