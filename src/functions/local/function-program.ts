/**
 * What a process of a local function runs: it loads the module and calls its handler, as a Lambda runtime does.
 * function-process.ts starts it.
 */
import { writeFileSync } from "node:fs"
import { Worker } from "node:worker_threads"
import { answerBytesMax } from "../functions.ts"
import type { FunctionWatchData } from "./function-watch.ts"
import type { Ended, Invoke } from "./messages.ts"

type Handler = (event: unknown, context: object, callback: (error: unknown, result?: unknown) => void) => unknown

// Not for the module to see.
const [module = "", memoryBytes = ""] = process.argv.splice(2)
const memoryBytesMax = Number(memoryBytes)
const callbackParameters = 3
/** What Node takes itself, and its code, which all processes share. */
const nodeBytes = 128 * 1024 * 1024

const send = takeChannel()
outliveSignals()
dieFirst()
const loading = startWatch().then(load)
// Told to whoever invokes it.
loading.catch(() => {})
process.on("uncaughtException", (error) => {
  send({ kind: "threw", error: describe(error), isUnusable: true }, () => process.exit(1))
})
process.on("message", (message: Invoke) => void answer(message))

/** The module must not answer by itself. */
function takeChannel(): (ended: Ended, sent?: () => void) => void {
  const channel = process.send?.bind(process)
  if (channel === undefined) throw new Error("This program is a function's: function-process.ts starts it")
  delete process.send
  return (ended, sent) => void channel(ended, undefined, undefined, sent)
}

/** Who stops the server may signal all of its processes, and it still has records to process then. It ends this one itself. */
function outliveSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {})
}

/** When the machine has no memory left, Linux shall end this process and not the server. */
function dieFirst(): void {
  if (process.platform !== "linux") return
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000")
  } catch {
    // Where that can't be said, Linux chooses the one that takes most.
  }
}

/** Resolves when the module can be loaded without harm. */
async function startWatch(): Promise<void> {
  const residentBytesMax = 2 * memoryBytesMax + nodeBytes
  const watch = new Worker(new URL("./function-watch.js", import.meta.url), {
    workerData: { residentBytesMax } satisfies FunctionWatchData,
  })
  watch.unref()
  await new Promise((resolve, reject) => watch.once("online", resolve).once("error", reject))
}

async function load(): Promise<Handler> {
  const exported: { readonly handler?: unknown; readonly default?: { readonly handler?: unknown } } = await import(
    module
  )
  // CommonJS comes as the default, and by names where Node finds them.
  const handler = exported.handler ?? exported.default?.handler
  if (!isHandler(handler)) throw new TypeError(`"${module}" exports no function called handler`)
  return handler
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function"
}

async function answer(invoke: Invoke): Promise<void> {
  send(await run(invoke))
}

async function run(invoke: Invoke): Promise<Ended> {
  let handler: Handler
  try {
    handler = await loading
  } catch (error) {
    return { kind: "threw", error: describe(error), isUnusable: true }
  }
  try {
    return asEnded(await call(handler, invoke))
  } catch (error) {
    return { kind: "threw", error: describe(error), isUnusable: false }
  }
}

/** A handler answers by what it returns, or, with a third parameter, by a callback. */
function call(handler: Handler, { payload, context, timeoutMs }: Invoke): Promise<unknown> {
  const endsMs = performance.now() + timeoutMs
  const event: unknown = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString())
  const given = {
    ...context,
    memoryLimitInMB: String(memoryBytesMax / 1024 / 1024),
    logGroupName: `/aws/lambda/${context.functionName}`,
    logStreamName: "hydrant",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsMs - performance.now())),
  }
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, result?: unknown) =>
      error === undefined || error === null ? resolve(result) : reject(error)
    const returned = handler(event, given, callback)
    if (handler.length < callbackParameters || isPromise(returned)) resolve(returned)
  })
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value
}

function asEnded(result: unknown): Ended {
  // Nothing is null, as Lambda has it.
  const payload = new TextEncoder().encode(JSON.stringify(result) ?? "null")
  const sizeBytes = payload.byteLength
  return sizeBytes > answerBytesMax ? { kind: "tooLarge", sizeBytes } : { kind: "returned", payload }
}

/** Whatever was thrown, also when it can't be shown. */
function describe(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error)
  } catch {
    return "It threw what can't be shown as a text"
  }
}
