/**
 * The head of a request in the one form that the lane takes:
 *
 *     POST / HTTP/1.1 CRLF
 *     Name: value CRLF            one or more
 *     CRLF
 *
 * Names are letters, digits and hyphens, none there twice. Values are printable ASCII that neither begins nor ends with a
 * space. There is a Host, and a Content-Length that is a whole number above 0. Nothing changes how the body is sent or what
 * becomes of the connection. It is far stricter than HTTP, so that no two readers of HTTP could take such a head differently:
 * where the body ends can't be in doubt.
 */

/** Names in lower case. */
export type HeadFields = ReadonlyMap<string, string>

export type HeadOutcome =
  /** It may still become a head in the lane's form. */
  | { readonly kind: "incomplete" }
  /** Whatever it is, it is not in the lane's form. */
  | { readonly kind: "other" }
  | {
      readonly kind: "head"
      readonly fields: HeadFields
      /** Where the body begins. */
      readonly endOffset: number
      readonly bodyBytes: number
    }

/** Signed headers with a session token come to some 4 KiB. */
const headBytesMax = 8192
const fieldsMax = 64
/** Below ten million bytes, which are more than any body may have. */
const plainLength = /^[1-9]\d{0,6}$/

const requestLine = Buffer.from("POST / HTTP/1.1\r\n")
const headEnd = Buffer.from("\r\n\r\n")
const colon = 0x3a
const space = 0x20
const carriageReturn = 0x0d
const lineFeed = 0x0a
const tilde = 0x7e

/** By byte: whether it may stand in a name. */
const isOfName = Uint8Array.from({ length: 256 }, (_, byte) => (/[A-Za-z0-9-]/.test(String.fromCharCode(byte)) ? 1 : 0))

/** A name, as it was written and in lower case. */
interface KnownName {
  readonly written: string
  readonly name: string
}

/**
 * Names that were read before, each at the place that its characters lead to: programs write the same ones in each request,
 * and a text that was used before need not be made, put in lower case and hashed again.
 */
const knownNames: (KnownName | undefined)[] = new Array(256).fill(undefined)

/** With one of these a request is for a full reader of HTTP, or for a browser's rules. */
const notInLane: ReadonlySet<string> = new Set([
  "expect",
  "http2-settings",
  "origin",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
])

const incomplete: HeadOutcome = { kind: "incomplete" }
const other: HeadOutcome = { kind: "other" }

/** Reads the head that `received` begins with. */
export function readHead(received: Buffer): HeadOutcome {
  const comparedBytes = Math.min(received.length, requestLine.length)
  if (received.compare(requestLine, 0, comparedBytes, 0, comparedBytes) !== 0) return other
  const end = received.indexOf(headEnd)
  const endOffset = end + headEnd.length
  if (end === -1) return received.length < headBytesMax ? incomplete : other
  if (endOffset > headBytesMax || end < requestLine.length) return other
  const fields = readFields(received, requestLine.length, end + 2)
  const bodyBytes = fields === undefined ? undefined : bodyBytesOf(fields)
  return fields === undefined || bodyBytes === undefined ? other : { kind: "head", fields, endOffset, bodyBytes }
}

/** The fields in the lines from `start` to `end`; undefined when one of them is not in the lane's form. */
function readFields(received: Buffer, start: number, end: number): HeadFields | undefined {
  const text = received.toString("latin1", start, end)
  const fields = new Map<string, string>()
  for (let at = start; at < end; ) {
    const nameStart = at
    let mark = 0
    for (let byte = received[at] ?? 0; isOfName[byte] === 1; byte = received[++at] ?? 0)
      mark = (mark * 31 + byte) & 0xff
    const nameEnd = at
    if (nameEnd === nameStart || received[at++] !== colon) return undefined
    if (received[at] === space) at++
    const valueStart = at
    while (isPrintable(received[at])) at++
    const valueEnd = at
    if (received[at++] !== carriageReturn || received[at++] !== lineFeed) return undefined
    if (valueEnd === valueStart || received[valueStart] === space || received[valueEnd - 1] === space) return undefined
    const name = nameAt(text, { start: nameStart - start, end: nameEnd - start, mark })
    if (name === undefined || fields.has(name) || fields.size === fieldsMax) return undefined
    fields.set(name, text.slice(valueStart - start, valueEnd - start))
  }
  return fields
}

interface NamePlace {
  readonly start: number
  readonly end: number
  /** Made of its characters: where it is kept among the known names. */
  readonly mark: number
}

/** A name in lower case; undefined for one that is not for the lane. */
function nameAt(text: string, { start, end, mark }: NamePlace): string | undefined {
  const known = knownNames[mark]
  if (known?.written.length === end - start && text.startsWith(known.written, start)) return known.name
  // A slice would keep the whole head in memory.
  const written = Buffer.from(text.slice(start, end), "latin1").toString("latin1")
  const name = written.toLowerCase()
  if (notInLane.has(name)) return undefined
  knownNames[mark] = { written, name }
  return name
}

/** How long the body is; undefined when the fields don't say it plainly, or ask for more than a body to be read. */
function bodyBytesOf(fields: HeadFields): number | undefined {
  const connection = fields.get("connection")
  if (!fields.has("host") || (connection !== undefined && connection.toLowerCase() !== "keep-alive")) return undefined
  const length = fields.get("content-length")
  return length !== undefined && plainLength.test(length) ? Number(length) : undefined
}

function isPrintable(byte: number | undefined): boolean {
  return byte !== undefined && byte >= space && byte <= tilde
}
