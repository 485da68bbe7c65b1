import http from "node:http"
import https from "node:https"
import type { Socket } from "node:net"

export interface FrontOptions {
  /** PEM; undefined for plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined
  readonly handler: http.RequestListener
  /** How many connections there may be, and what is called for each one beyond, which is closed at once. */
  readonly connections?: { readonly countMax: number; onRefused(): void }
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

/** Speaks HTTP on connections that are given to it. It does not listen: another process may do that. */
export interface HttpFront {
  /** Takes a connection of which nothing has been read. */
  accept(socket: Socket): void
  /** Resolves when the requests under way are answered and all connections are closed; at `deadline` they are cut. */
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

export function createFront({ tls, handler, lane: makeLane, connections }: FrontOptions): HttpFront {
  const limits = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: headerBytesMax,
    connectionsCheckingInterval: checkIntervalMs,
  }
  const server =
    tls === undefined
      ? http.createServer(limits)
      : https.createServer({ ...limits, cert: tls.certificate, key: tls.key })
  const lastAnswers = followAnswers(server)
  server.on("request", handler)
  const lane = makeLane && putInFront(server, makeLane)
  server.prependListener("secureConnection", (socket: Socket) => {
    socket.allowHalfOpen = true
  })
  // Node begins to watch the times of its connections when it listens, which this server never does.
  server.emit("listening")

  const sockets = new Set<Socket>()
  let allClosed = () => {}
  return {
    accept(socket) {
      if (connections !== undefined && sockets.size >= connections.countMax) {
        socket.destroy()
        connections.onRefused()
        return
      }
      sockets.add(socket)
      socket.once("close", () => {
        sockets.delete(socket)
        if (sockets.size === 0) allClosed()
      })
      // In the lane a client that sends no more still reads its answer, as HTTP wants it (Node's server ends it then). One that
      // sends no more before it speaks TLS is gone: Node would keep its connection until the time for that is over.
      socket.allowHalfOpen = tls === undefined
      socket.setNoDelay(true)
      server.emit("connection", socket)
    },
    async close(deadline) {
      const closed = new Promise<void>((resolve) => {
        allClosed = resolve
      })
      lastAnswers()
      lane?.close()
      server.closeIdleConnections()
      if (sockets.size > 0) await Promise.race([closed, deadline])
      lane?.destroy()
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      server.close()
    },
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
