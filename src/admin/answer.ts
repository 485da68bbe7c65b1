/** What a request is answered with. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Indented: these answers are small, and a person with curl reads them. */
export function json(status: number, value: object): Answer {
  return { status, contentType: "application/json", body: `${JSON.stringify(value, undefined, 2)}\n` }
}

/** Refuses: what is wrong in `message`, and what to do instead in `help`. */
export function refusal(status: number, message: string, help: string): Answer {
  return json(status, { message, help })
}
