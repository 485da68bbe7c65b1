/** jq itself, with what was learned of it: one instance runs many records in one call, and is told of each as it is done. */
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { type Jq, loadJq } from "jq-wasm"
import type { JqOutcome, JqRun } from "./jq-engine.ts"

/** What one record may give: it is a few keys. */
const outputBytesMax = 1024 * 1024
/** jq never gives memory back: an instance that has taken more is replaced. */
const memoryBytesMax = 64 * 1024 * 1024
/** A call that fails may leave a file open, of which jq has some 4,000: an instance that has failed more often is replaced. */
const failedCallsMax = 1000
/** Programs that are known to compile. */
const compiledMax = 1000
const [ok, compileError] = [0, 3]
const lineFeed = 0x0a

/**
 * Loads jq, which takes some milliseconds. `onRecord` is told after each record that is done, while the others are not.
 *
 * jq compiles the program anew in each call, which takes it as long as some 75 records: records come in bulk.
 */
export async function loadJqProgram(onRecord: () => void = () => {}): Promise<JqProgram> {
  const wasm = await readFile(createRequire(import.meta.url).resolve("jq-wasm/jq.wasm"))
  const module = await WebAssembly.compile(wasm)
  return new JqProgram(() => instantiate(module, onRecord), onRecord)
}

export class JqProgram {
  readonly #instantiate: () => Promise<Instance>
  readonly #onRecord: () => void
  #instance: Instance | undefined
  /** Of the instance. */
  #failedCalls = 0
  readonly #compiled = new Set<string>()

  constructor(instantiate: () => Promise<Instance>, onRecord: () => void) {
    this.#instantiate = instantiate
    this.#onRecord = onRecord
  }

  /** See JqEngine.run. What is wrong with one record, be it that jq comes to grief on it, is only told of that one. */
  async run(query: string, inputs: readonly string[]): Promise<JqRun> {
    const broken = await this.#compile(query)
    if (broken !== undefined) return { kind: "broken", message: broken }
    const outcomes: JqOutcome[] = []
    while (outcomes.length < inputs.length) {
      const { done, failure } = await this.#call(perRecord(query), inputs.slice(outcomes.length))
      outcomes.push(...done)
      if (outcomes.length === inputs.length) break
      // The call has ended early: by the record after the last one that is done.
      outcomes.push({ kind: "failed", message: failure ?? "jq gave no answer" })
      this.#onRecord()
    }
    return { kind: "ran", outcomes }
  }

  /**
   * Answers what is wrong with a program that does not compile. Without input it is compiled, and not run; by itself, since one
   * that closes what it did not open could be two programs in brackets.
   */
  async #compile(query: string): Promise<string | undefined> {
    if (this.#compiled.has(query)) return undefined
    const { exitCode, failure } = await this.#call(query, [])
    if (exitCode === compileError || exitCode === undefined) return failure ?? "jq failed without a reason"
    if (this.#compiled.size >= compiledMax) this.#compiled.clear()
    this.#compiled.add(query)
    return undefined
  }

  async #call(program: string, inputs: readonly string[]) {
    this.#instance ??= await this.#instantiate()
    const { jq, output, memoryBytes } = this.#instance
    output.clear()
    let ended: { readonly exitCode?: number; readonly failure: string | undefined }
    try {
      const { exitCode, stderr } = jq.raw(inputs.join("\n"), program, ["-c", "--unbuffered"])
      ended = { exitCode, failure: exitCode === ok ? undefined : reasonIn(stderr) }
      if (exitCode !== ok) this.#failedCalls++
      if (memoryBytes() > memoryBytesMax || this.#failedCalls > failedCallsMax) this.#drop()
    } catch (error) {
      // It ran out of memory or stack: what it left behind is of no use.
      this.#drop()
      ended = { failure: `jq failed: ${error instanceof Error ? error.message : String(error)}` }
    }
    return { done: output.lines().map(outcomeOf), ...ended }
  }

  #drop() {
    this.#instance = undefined
    this.#failedCalls = 0
  }
}

/** One line for each record, whatever it does: its value, or what it failed with. */
function perRecord(query: string): string {
  return `[limit(2; try {o:(${query}\n\n)} catch {e:.})]
| if length == 0 then {e:"The query gave no value"}
  elif length == 1 or (.[1] | has("e")) then .[-1]
  else {e:"The query gave more than one value"} end`
}

function outcomeOf(line: string | undefined): JqOutcome {
  if (line === undefined) return { kind: "failed", message: `The query gave more than ${outputBytesMax} bytes` }
  if (line.startsWith('{"o":')) return { kind: "value", json: line.slice(5, -1) }
  const { e: reason }: { readonly e: unknown } = JSON.parse(line)
  return { kind: "failed", message: typeof reason === "string" ? reason : JSON.stringify(reason) }
}

/** Without the program's own text, which it shows. */
function reasonIn(stderr: string): string {
  return stderr.split("\n", 1)[0]?.replace(/^jq: (?:error: )?/, "") || "jq failed without a reason"
}

interface Instance {
  readonly jq: Jq
  readonly output: Output
  readonly memoryBytes: () => number
}

/**
 * What jq writes is taken where it leaves it, line by line: what was done stays known when it comes to grief later, and is
 * known to others while it runs.
 */
async function instantiate(module: WebAssembly.Module, onRecord: () => void): Promise<Instance> {
  const output = new Output(onRecord)
  let memory: WebAssembly.Memory | undefined
  const jq = await loadJq({
    instantiateWasm(imports, onSuccess) {
      const isHooked = hookWrites(imports, (pointer, count, written) => {
        if (memory !== undefined) output.write(new DataView(memory.buffer), { pointer, count, written })
      })
      if (!isHooked) throw new Error("This version of jq-wasm does not write as it was known to")
      void WebAssembly.instantiate(module, imports).then((instance) => {
        memory = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory)
        onSuccess(instance, module)
      })
    },
  })
  return { jq, output, memoryBytes: () => memory?.buffer.byteLength ?? 0 }
}

const stdout = 1

/** Puts itself in the place of the function that writes to standard output: fd_write of WASI. */
function hookWrites(
  imports: WebAssembly.Imports,
  write: (pointer: number, count: number, written: number) => void,
): boolean {
  for (const functions of Object.values(imports)) {
    for (const [name, original] of Object.entries(functions)) {
      if (typeof original !== "function" || original.name !== "_fd_write") continue
      functions[name] = (file: number, pointer: number, count: number, written: number): unknown => {
        if (file !== stdout) return original(file, pointer, count, written)
        write(pointer, count, written)
        return 0
      }
      return true
    }
  }
  return false
}

/** Where fd_write finds in jq's memory what to write, and where it says how much it wrote. */
interface WriteCall {
  readonly pointer: number
  readonly count: number
  readonly written: number
}

/** The lines that were written to standard output. */
class Output {
  readonly #onLine: () => void
  #lines: (string | undefined)[] = []
  #line: Buffer[] = []
  #lineBytes = 0

  constructor(onLine: () => void) {
    this.#onLine = onLine
  }

  clear(): void {
    this.#lines = []
    this.#line = []
    this.#lineBytes = 0
  }

  /** An undefined one was too long. */
  lines(): readonly (string | undefined)[] {
    return this.#lines
  }

  write(memory: DataView, { pointer, count, written }: WriteCall): void {
    let writtenBytes = 0
    for (let part = 0; part < count; part++) {
      const start = memory.getUint32(pointer + part * 8, true)
      const length = memory.getUint32(pointer + part * 8 + 4, true)
      if (length > 0) this.#take(Buffer.from(memory.buffer, start, length))
      writtenBytes += length
    }
    memory.setUint32(written, writtenBytes, true)
  }

  /** With -c, a line feed is only written after a value. */
  #take(bytes: Buffer): void {
    const isEnd = bytes[bytes.length - 1] === lineFeed
    this.#lineBytes += bytes.length
    // A view of jq's memory, which it will write over.
    if (this.#lineBytes <= outputBytesMax) this.#line.push(Buffer.from(isEnd ? bytes.subarray(0, -1) : bytes))
    if (!isEnd) return
    this.#lines.push(this.#lineBytes <= outputBytesMax ? Buffer.concat(this.#line).toString() : undefined)
    this.#line = []
    this.#lineBytes = 0
    this.#onLine()
  }
}
