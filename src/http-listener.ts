import http from "node:http"
import https from "node:https"
import type { AddressInfo } from "node:net"

export interface ListenOptions {
  readonly address: string
  readonly port: number
  /** PEM; undefined for plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined
  readonly handler: http.RequestListener
}

/** An HTTP server that listens. */
export interface Listener {
  readonly url: string
  /** Takes no new connections, and resolves when the requests under way are answered; at `deadline` they are cut. */
  close(deadline: Promise<void>): Promise<void>
}

/**
 * A request must be here whole within this time: a slow or half-open client can't hold a connection for ever. A batch of
 * 5.7 MB gets through in it at 100 kB/s.
 */
const requestTimeoutMs = 60_000
const headersTimeoutMs = 20_000
/** Agents keep connections for their next batch, minutes later, and take a closed one for a failure (spec/clients.md, section 7). */
const keepAliveTimeoutMs = 5 * 60_000
/** Signed headers with a session token come to some 4 KiB. */
const headerBytesMax = 32 * 1024

/** @throws the system's error when the port is taken, or the address is not this machine's */
export async function listen(options: ListenOptions): Promise<Listener> {
  const limits = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: headerBytesMax,
  }
  const { tls } = options
  const server =
    tls === undefined
      ? http.createServer(limits)
      : https.createServer({ ...limits, cert: tls.certificate, key: tls.key })
  const lastAnswers = followAnswers(server)
  server.on("request", options.handler)
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(options.port, options.address, resolve)
  })
  const scheme = tls === undefined ? "http" : "https"
  return { url: `${scheme}://${hostOf(server.address())}`, close: (deadline) => close(server, lastAnswers, deadline) }
}

function hostOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") throw new Error("An HTTP server must listen on a port")
  return address.family === "IPv6" ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`
}

/**
 * Keeps track of the answers under way. The function that it gives makes them, and all later ones, the last of their
 * connections: a client that is kept alive would send its next request on it, and so never let the server stop.
 */
function followAnswers(server: http.Server | https.Server): () => void {
  const underWay = new Set<http.ServerResponse>()
  let isClosing = false
  server.on("request", (_request, response) => {
    if (isClosing) response.shouldKeepAlive = false
    underWay.add(response)
    response.once("close", () => {
      underWay.delete(response)
      if (isClosing) server.closeIdleConnections()
    })
  })
  return () => {
    isClosing = true
    for (const response of underWay) response.shouldKeepAlive = false
  }
}

async function close(server: http.Server | https.Server, lastAnswers: () => void, deadline: Promise<void>) {
  lastAnswers()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // Idle connections are closed with the server; those with a request get its answer first.
  await Promise.race([closed, deadline])
  server.closeAllConnections()
  await closed
}
