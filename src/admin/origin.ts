import type { IncomingHttpHeaders } from "node:http"
import { isIP } from "node:net"

/**
 * Whether a browser sent this for a page that is not ours. Any page may make the browser post to 127.0.0.1, and the
 * browser then says for whom: no `Origin` at all means that it was no page. `Sec-Fetch-Site` says the same, and pages
 * can't forge either.
 */
export function fromAnotherSite(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"]
  if (site !== undefined && site !== "same-origin" && site !== "none") return true
  const { origin } = headers
  if (origin === undefined) return false
  // A page whose own name leads here is of the same origin, and of another site all the same.
  if (!isOwnName(headers.host)) return true
  // "null", the origin of a sandboxed page or a file, is no URL.
  return !URL.canParse(origin) || new URL(origin).host !== headers.host
}

/** Whether a Host header names this machine by an address, or as every machine calls itself: not by a name of others' making. */
function isOwnName(host = ""): boolean {
  const url = `http://${host}`
  if (!URL.canParse(url)) return false
  const name = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1")
  return name === "localhost" || isIP(name) !== 0
}
