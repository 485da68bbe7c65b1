import { type Refusal, refused } from "./refusal.ts"

/** When a request was signed. */
export interface SigningTime {
  /** YYYYMMDDTHHMMSSZ: what was signed. */
  readonly text: string
  readonly epochMs: number
}

/** Firehose allows 5 minutes each way, not the 15 of other services: spec/api.md, section 2. */
const skewMinutesMax = 5
const skewMsMax = skewMinutesMax * 60_000

const basicDate = /^\d{8}T\d{6}Z$/

/** Reads `YYYYMMDDTHHMMSSZ`; undefined when it is something else. */
export function readBasicDate(text: string): SigningTime | undefined {
  if (!basicDate.test(text)) return undefined
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`
  const epochMs = Date.parse(`${day}T${text.slice(9, 11)}:${text.slice(11, 13)}:${text.slice(13)}`)
  return Number.isNaN(epochMs) ? undefined : { text, epochMs }
}

/** Reads a Date header: the form of HTTP, or the one of X-Amz-Date; undefined when it is neither. */
export function readHttpDate(text: string): SigningTime | undefined {
  const basic = readBasicDate(text)
  if (basic !== undefined) return basic
  const epochMs = Date.parse(text)
  return Number.isNaN(epochMs) ? undefined : { text: formatBasicDate(epochMs), epochMs }
}

function formatBasicDate(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, "")
}

export function unreadableDate(given: string): Refusal {
  return refused(
    "IncompleteSignatureException",
    `Date must be in ISO-8601 'basic format'. Got '${given}'. See http://en.wikipedia.org/wiki/ISO_8601`,
  )
}

export interface SignedAt {
  readonly time: SigningTime
  /** Given for a presigned request with X-Amz-Expires. */
  readonly expiresSeconds: number | undefined
}

/** Refuses a request that was signed too long ago, or too far in the future. Whole seconds count, as in the texts. */
export function timeRefusal({ time, expiresSeconds }: SignedAt, nowMs: number): Refusal | undefined {
  const now = Math.floor(nowMs / 1000) * 1000
  const latest = now + skewMsMax
  const earliest = now - (expiresSeconds === undefined ? skewMsMax : expiresSeconds * 1000)
  if (time.epochMs <= latest && time.epochMs >= earliest) return undefined
  const skew = `${skewMinutesMax} min.`
  if (time.epochMs > latest) {
    const text = `${formatBasicDate(latest)} (${formatBasicDate(now)} + ${skew})`
    return refused("InvalidSignatureException", `Signature not yet current: ${time.text} is still later than ${text}`)
  }
  const lifetime = expiresSeconds === undefined ? skew : `${expiresSeconds} sec.`
  const text = `${formatBasicDate(earliest)} (${formatBasicDate(now)} - ${lifetime})`
  return refused("InvalidSignatureException", `Signature expired: ${time.text} is now earlier than ${text}`)
}
