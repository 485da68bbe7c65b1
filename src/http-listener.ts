import http from "node:http"
import https from "node:https"
import type { AddressInfo, Socket } from "node:net"

export interface ListenOptions {
  readonly address: string
  readonly port: number
  /** PEM; undefined for plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined
  readonly handler: http.RequestListener
  /** Makes what takes the connections first; undefined when Node's server takes them all. */
  readonly lane?: (server: LaneServer) => ConnectionLane
}

/** What a lane is given: the full server of HTTP behind it, and the limits that hold on both. */
export interface LaneServer {
  /** Gives a connection to the full server, with what came from it and is not answered. */
  handOver(socket: Socket, received: Buffer): void
  readonly limits: {
    readonly headTimeoutMs: number
    readonly requestTimeoutMs: number
    readonly keepAliveTimeoutMs: number
    readonly checkIntervalMs: number
  }
}

/** Takes connections in front of the full server, and answers what it can by itself. */
export interface ConnectionLane {
  accept(socket: Socket): void
  /** Makes the answers under way the last ones of their connections. */
  close(): void
  /** Ends every connection that it has. */
  destroy(): void
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
/** How often the times of connections are looked at. */
const checkIntervalMs = 1000
/** Signed headers with a session token come to some 4 KiB. */
const headerBytesMax = 32 * 1024

/** @throws the system's error when the port is taken, or the address is not this machine's */
export async function listen(options: ListenOptions): Promise<Listener> {
  const limits = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: headerBytesMax,
    connectionsCheckingInterval: checkIntervalMs,
  }
  const { tls } = options
  const server =
    tls === undefined
      ? http.createServer(limits)
      : https.createServer({ ...limits, cert: tls.certificate, key: tls.key })
  const lastAnswers = followAnswers(server)
  server.on("request", options.handler)
  const lane = options.lane && putInFront(server, options.lane)
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(options.port, options.address, resolve)
  })
  const scheme = tls === undefined ? "http" : "https"
  return {
    url: `${scheme}://${hostOf(server.address())}`,
    close: (deadline) => close({ server, lane, lastAnswers }, deadline),
  }
}

/** Has a lane take the server's connections: Node's own listener gets those that the lane hands over. */
function putInFront(server: http.Server | https.Server, makeLane: (server: LaneServer) => ConnectionLane) {
  const event = server instanceof https.Server ? "secureConnection" : "connection"
  const takeConnection = server.listeners(event)
  const lane = makeLane({
    handOver(socket, received) {
      socket.pause()
      socket.unshift(received)
      for (const listener of takeConnection) Reflect.apply(listener, server, [socket])
      socket.resume()
    },
    limits: { headTimeoutMs: headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs, checkIntervalMs },
  })
  server.removeAllListeners(event).on(event, (socket: Socket) => lane.accept(socket))
  return lane
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

interface Closing {
  readonly server: http.Server | https.Server
  readonly lane: ConnectionLane | undefined
  readonly lastAnswers: () => void
}

async function close({ server, lane, lastAnswers }: Closing, deadline: Promise<void>) {
  lastAnswers()
  // Idle connections are closed with the server; those with a request get its answer first.
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  lane?.close()
  await Promise.race([closed, deadline])
  lane?.destroy()
  server.closeAllConnections()
  await closed
}
