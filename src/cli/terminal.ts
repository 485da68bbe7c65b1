import { styleText } from "node:util"
import type { Output } from "./world.ts"

type Style = Parameters<typeof styleText>[0]

/** How to write for whoever reads a stream: with colours and up to the edge of a terminal, plainly into a pipe. */
export interface Terminal {
  readonly isTerminal: boolean
  /** Columns that a line may take; Infinity when lines are not shown but read. */
  readonly width: number
  /** `text` in a style, or as it is where there are no colours. */
  paint(style: Style, text: string): string
  line(text?: string): void
}

export function terminal(output: Output): Terminal {
  const isTerminal = output.isTTY === true
  // Node's own judgement: it knows NO_COLOR, FORCE_COLOR and what TERM can.
  const hasColors = isTerminal && output.hasColors?.() === true
  return {
    isTerminal,
    width: isTerminal ? (output.columns ?? 80) : Number.POSITIVE_INFINITY,
    // Decided above; styleText's own check, of later Nodes, would ask process.stdout, which need not be this one.
    paint: (style, text) => (hasColors ? styleText(style, text, { validateStream: false }) : text),
    line: (text = "") => void output.write(`${text}\n`),
  }
}

/** Cuts a line that is too long, with an ellipsis. Counts code points: good enough where there are no wide characters. */
export function cutTo(width: number, text: string): string {
  if (text.length <= width) return text
  const characters = [...text]
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`
}

/**
 * A line that is written over and over while work goes on, at most ten times a second; nothing where there is no terminal.
 */
export class Progress {
  readonly #output: Output
  readonly #elapsedMs: () => number
  #shownMs = Number.NEGATIVE_INFINITY
  #shown = false

  constructor(output: Output, elapsedMs: () => number) {
    this.#output = output
    this.#elapsedMs = elapsedMs
  }

  /** `text` is asked for only when it will be seen. */
  show(text: () => string): void {
    if (this.#output.isTTY !== true || this.#elapsedMs() - this.#shownMs < 100) return
    this.#shownMs = this.#elapsedMs()
    this.#shown = true
    this.#output.write(`\r\u001b[K${cutTo((this.#output.columns ?? 80) - 1, text())}`)
  }

  /** Takes the line away again. */
  clear(): void {
    if (this.#shown) this.#output.write("\r\u001b[K")
    this.#shown = false
  }
}
