/** What a thread of a local function runs: it loads the module and calls its handler, as a Lambda runtime does. */
import { workerData } from "node:worker_threads"
import { answerBytesMax } from "../functions.ts"
import type { Ended, Invoke, ThreadStart } from "./messages.ts"

type Handler = (event: unknown, context: object, callback: (error: unknown, result?: unknown) => void) => unknown

const { settings, port }: ThreadStart = workerData
const { module, memoryBytesMax } = settings
/** How often it is looked whether buffers take too much: what limits a thread's objects does not limit them. */
const memoryCheckMs = 250
const callbackParameters = 3

const loading = load()
// Told to whoever invokes it.
loading.catch(() => {})
port.on("message", (message: Invoke) => void answer(message))

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
  const checking = setInterval(checkMemory, memoryCheckMs)
  const ended = await run(invoke)
  clearInterval(checking)
  checkMemory()
  port.postMessage(ended, ended.kind === "returned" ? [ended.payload.buffer] : [])
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

function checkMemory(): void {
  const { arrayBuffers } = process.memoryUsage()
  if (arrayBuffers <= memoryBytesMax) return
  const mebibytes = Math.round(arrayBuffers / 1024 / 1024)
  // Nobody catches this, so it ends the thread.
  queueMicrotask(() => {
    throw new Error(`Its buffers take ${mebibytes} MiB of memory, and it may have ${memoryBytesMax / 1024 / 1024}`)
  })
}
