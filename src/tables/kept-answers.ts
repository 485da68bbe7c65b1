import type { Clock } from "../platform/index.ts"

interface Kept<T> {
  readonly answer: Promise<T>
  /** Undefined while it is not there yet. */
  until: number | undefined
}

/** Answers that are asked for once and then kept for a while, by what was asked. What fails is not kept. */
export class KeptAnswers<T> {
  readonly #clock: Pick<Clock, "elapsed">
  readonly #keptMs: number
  readonly #kept = new Map<string, Kept<T>>()

  constructor({ clock, keptMs }: { readonly clock: Pick<Clock, "elapsed">; readonly keptMs: number }) {
    this.#clock = clock
    this.#keptMs = keptMs
  }

  /** The answer that is kept or on its way; else that of `ask`. */
  get(question: string, ask: () => Promise<T>): Promise<T> {
    const nowMs = this.#clock.elapsed()
    for (const [key, { until }] of this.#kept) if (until !== undefined && until <= nowMs) this.#kept.delete(key)
    const found = this.#kept.get(question)
    if (found !== undefined) return found.answer
    const kept: Kept<T> = { answer: ask(), until: undefined }
    this.#kept.set(question, kept)
    kept.answer.then(
      () => {
        kept.until = this.#clock.elapsed() + this.#keptMs
      },
      // Whoever asked is told.
      () => this.#kept.delete(question),
    )
    return kept.answer
  }
}
