/**
 * The admin side: health, metrics and the switches of delivery, over plain HTTP with answers in JSON. It asks for no
 * credentials, and listens on loopback unless told otherwise: monitors elsewhere may then ask, and not switch anything.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { isLoopback } from "../platform/index.ts"
import { type Answer, refusal } from "./answer.ts"
import { fromAnotherSite } from "./origin.ts"
import type { AdminParts, AdminRequest } from "./parts.ts"
import { type Route, routes } from "./routes.ts"

/** The listener of the admin port. It answers every request, and never throws. */
export function createAdmin(parts: AdminParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const gone = new AbortController()
    response.once("close", () => gone.abort())
    void answerTo(parts, request, gone.signal)
      .catch((error: unknown) => {
        // Whoever went away while sending a body hears nothing of this, and nothing is wrong here.
        if (request.destroyed && !request.complete) return refusal(400, "The body ended early", "Send all of it")
        parts.logger.error({ err: error, method: request.method, url: request.url }, "An admin request failed")
        return refusal(500, "The request failed inside Hydrant", "The server's log has the reason")
      })
      .then(({ status, contentType, headers, body }) => {
        // A body that nobody read must be read away, or the connection can't be used again.
        request.resume()
        response.writeHead(status, { ...headers, "Content-Type": contentType, "Cache-Control": "no-store" }).end(body)
      })
  }
}

async function answerTo(parts: AdminParts, request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const [path = "/", query] = (request.url ?? "/").split("?", 2)
  const matches = routes.flatMap((route) => {
    const streamName = matchPath(route.path, path)
    return streamName === undefined ? [] : [{ route, streamName }]
  })
  // As everywhere in HTTP, HEAD is GET without the body, which Node leaves out by itself.
  const method = request.method === "HEAD" ? "GET" : request.method
  const match = matches.find(({ route }) => route.method === method)
  if (match === undefined) return notFound(request, matches)
  if (match.route.method === "POST" && fromAnotherSite(request.headers)) {
    return refusal(
      403,
      "A web page of another site may not change anything here",
      "Send the request from Hydrant's own address, or without an Origin header",
    )
  }
  if (match.route.method === "POST" && !isLoopback(request.socket.remoteAddress ?? "")) {
    return refusal(403, "Only this machine may change anything here", "Send the request from the machine of the server")
  }
  const body = await readBody(request, match.route.bodyBytesMax ?? 0)
  if (body === undefined) {
    const message = `The body is longer than the ${match.route.bodyBytesMax} bytes that may be sent to "${path}"`
    return refusal(413, message, "Send less at a time")
  }
  const given: AdminRequest = { streamName: match.streamName, query: new URLSearchParams(query), body, signal }
  return match.route.handle(parts, given)
}

/** The body, where one is wanted; undefined when it is longer than it may be. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | undefined> {
  if (bytesMax === 0) return new Uint8Array(0)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > bytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What stands in NAME's place in `path`, or "" when `pattern` has none; undefined when they don't match. */
function matchPath(pattern: string, path: string): string | undefined {
  const wanted = pattern.split("/")
  const given = path.split("/")
  if (wanted.length !== given.length) return undefined
  if (!wanted.every((segment, index) => segment === "NAME" || segment === given[index])) return undefined
  // Stream names need no escaping, so an escaped one is none that exists: it is looked up as it is, and not found.
  return given[wanted.indexOf("NAME")] ?? ""
}

function notFound({ method, url }: IncomingMessage, matches: readonly { readonly route: Route }[]): Answer {
  if (matches.length === 0) {
    const known = routes.map((route) => `${route.method} ${route.path}`).join(", ")
    return refusal(404, `There is nothing at "${url}"`, `What there is: ${known}`)
  }
  const allowed = matches.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method])).join(", ")
  const answer = refusal(405, `"${url}" can't be asked with ${method}`, `Use ${allowed}`)
  return { ...answer, headers: { Allow: allowed } }
}
