/** Texts of errors are cut here: some name what they are about. */
const textMax = 120

/** What to call an answer that is not 200: its AWS type and message, or its HTTP status. */
export function errorKind(status: number, body: Buffer): string {
  const error = parseJson(body)
  const { __type, message } = isObject(error) ? error : {}
  const type = typeof __type === "string" ? __type.replace(/^.*#/, "") : `HTTP ${status}`
  return `${type}${typeof message === "string" ? `: ${message}` : ""}`.slice(0, textMax)
}

/** What a body holds; undefined when it is not JSON, as the page of a proxy. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    // The only thing that JSON.parse can throw for a string is that it is not JSON.
    return undefined
  }
}

interface ErrorBody {
  readonly __type?: unknown
  readonly message?: unknown
}

function isObject(value: unknown): value is ErrorBody {
  return typeof value === "object" && value !== null
}
