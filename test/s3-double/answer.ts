/** What the double answers to one request. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** An error as S3 tells it. */
export class S3Error extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export function errorAnswer({ status, code, message }: Pick<S3Error, "status" | "code" | "message">): Answer {
  const body = `<Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error>`
  return xmlAnswer(body, status)
}

export function xmlAnswer(body: string, status = 200): Answer {
  const headers = { "content-type": "application/xml" }
  return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` }
}

/** Text for the inside of an XML element. */
export function escaped(text: string): string {
  return text.replace(/[&<>"'\p{Cc}]/gu, (character) => `&#${character.charCodeAt(0)};`)
}
