/**
 * A client that costs as little as it can, so that it is the server that is measured: it writes requests that were made
 * before over raw connections, and of an answer it reads the status and the length.
 */
import { once } from "node:events"
import net from "node:net"

export interface LoadOptions {
  /** http://HOST:PORT */
  readonly url: string
  /** Kept open; each has one request under way at a time. */
  readonly connectionCount: number
  /** Sent in turn, again and again. */
  readonly requests: readonly Buffer[]
  /** Asked before each request. */
  more(): boolean
}

export interface LoadResult {
  readonly requestCount: number
  /** From the first request to the last answer. */
  readonly elapsedMs: number
  /** Of each request, until its answer was whole. */
  readonly latenciesMs: readonly number[]
}

/** @throws when a request is answered with anything but 200, or a connection fails */
export async function runLoad({ url, connectionCount, requests, more }: LoadOptions): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: connectionCount }, () => Connection.open(url)))
  const latenciesMs: number[] = []
  let sentCount = 0
  const drive = async (connection: Connection) => {
    while (more()) {
      const request = requests[sentCount++ % requests.length]
      if (request === undefined) throw new Error("A load needs at least one request")
      const sentMs = performance.now()
      await connection.exchange(request)
      latenciesMs.push(performance.now() - sentMs)
    }
  }
  try {
    const startMs = performance.now()
    await Promise.all(connections.map(drive))
    return { requestCount: sentCount, elapsedMs: performance.now() - startMs, latenciesMs }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** For `more`: true for a time. */
export function duringMs(durationMs: number): () => boolean {
  const endMs = performance.now() + durationMs
  return () => performance.now() < endMs
}

/** For `more`: true a number of times. */
export function times(count: number): () => boolean {
  let left = count
  return () => left-- > 0
}

interface Exchange {
  resolve(answerBytes: number): void
  reject(error: Error): void
}

const nothing = Buffer.alloc(0)

/** A connection of HTTP/1.1 that is kept open. */
class Connection {
  readonly #socket: net.Socket
  #exchange: Exchange | undefined
  /** The beginning of an answer whose headers are not whole yet. */
  #head: Buffer = nothing
  /** Bytes of the answer's body; undefined until its headers are whole. */
  #bodyBytes: number | undefined
  #missingBytes = 0

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url)
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true })
    await once(socket, "connect")
    return new Connection(socket)
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on("data", (chunk: Buffer) => this.#receive(chunk))
    socket.on("error", (error) => this.#exchange?.reject(error))
    socket.on("close", () => this.#exchange?.reject(new Error("The server closed a connection before its answer")))
  }

  /** Sends a request; resolves with the bytes of the answer's body once it is whole. */
  exchange(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error("The server has closed the connection"))
      this.#exchange = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close() {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer) {
    if (this.#bodyBytes === undefined) this.#receiveHead(chunk)
    else this.#missingBytes -= chunk.length
    if (this.#bodyBytes === undefined || this.#missingBytes > 0) return
    const answerBytes = this.#bodyBytes
    this.#bodyBytes = undefined
    this.#exchange?.resolve(answerBytes)
  }

  #receiveHead(chunk: Buffer) {
    const received = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    const headBytes = received.indexOf("\r\n\r\n")
    this.#head = headBytes === -1 ? received : nothing
    if (headBytes === -1) return
    const head = received.toString("latin1", 0, headBytes)
    if (!head.startsWith("HTTP/1.1 200 ")) this.#exchange?.reject(new Error(`Refused: ${received}`))
    this.#bodyBytes = Number(/^content-length: *(\d+)/im.exec(head)?.[1])
    this.#missingBytes = this.#bodyBytes - (received.length - headBytes - 4)
  }
}

/** Sends one request on a connection of its own; resolves with the bytes of the answer's body. */
export async function sendOnce(url: string, request: Buffer): Promise<number> {
  const connection = await Connection.open(url)
  try {
    return await connection.exchange(request)
  } finally {
    connection.close()
  }
}
