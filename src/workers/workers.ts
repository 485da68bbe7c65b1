/**
 * A step of work that takes the processor long: a pure function from one plain value to another. It is exported by its
 * module under `name`, where another thread finds it.
 */
export interface Work<Input, Output extends object> {
  /** The module's own `import.meta.url`. */
  readonly module: string
  readonly name: string
  run(input: Input): Output
}

/** Whoever does the work. */
export interface Workers {
  /**
   * Does one step. Bytes in `input` (its own members, or itself) are handed over and not copied when they fill their
   * ArrayBuffer: nobody may look at them afterwards. The same holds for bytes of the answer.
   *
   * Rejects with what the work threw, or when its thread came to an end before it was done: it may be tried again.
   */
  run<Input, Output extends object>(work: Work<Input, Output>, input: Input): Promise<Output>
  /** Ends the threads; what is under way is rejected. May be called twice. */
  close(): Promise<void>
}

/** Does all work at once on the thread that asks: for tests, and to compare with. */
export const hereAndNow: Workers = {
  run: async (work, input) => work.run(input),
  close: async () => {},
}

/** The memory of bytes that are handed over. A view of a part of some memory is copied: others may look at the rest. */
export function handedOver(value: unknown): ArrayBuffer[] {
  const members: readonly unknown[] =
    value instanceof Uint8Array ? [value] : typeof value === "object" && value !== null ? Object.values(value) : []
  return members
    .filter((one) => one instanceof Uint8Array)
    .filter((bytes) => bytes.byteLength === bytes.buffer.byteLength && bytes.byteLength > 0)
    .map((bytes) => bytes.buffer)
    .filter((memory) => memory instanceof ArrayBuffer)
}
