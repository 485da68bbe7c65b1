import type { Terminal } from "../terminal.ts"

/** Tells that a step of the demo is done. */
export function step(out: Terminal, text: string): void {
  out.line(`${out.paint("green", "✓")} ${text}`)
}

/** Columns for what is longer than a line: records, and names of objects. What is read from a pipe is cut too. */
export function sampleWidth({ width }: Terminal): number {
  return Math.min(width, 100) - 2
}
