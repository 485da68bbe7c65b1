/**
 * A connection of HTTP/1.1 that is kept open, and costs as little as it can, so that it is the server that is measured: requests
 * are bytes that were made before, and of an answer only what is needed is looked at.
 *
 *     HTTP/1.1 200 OK              the status is taken
 *     Content-Length: 13           or Transfer-Encoding: chunked
 *     Connection: close            if so, the connection ends with the answer
 *
 *     {"a":"body"}                 taken whole
 */
import { once } from "node:events"
import net from "node:net"
import { addAbortSignal } from "node:stream"
import tls from "node:tls"

export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
}

export interface ConnectionOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

interface Exchange {
  resolve(answer: HttpAnswer): void
  reject(error: Error): void
}

interface Head {
  readonly status: number
  /** Bytes of the body; undefined when it comes in chunks. */
  readonly bodyBytes: number | undefined
  readonly isLast: boolean
}

const headEnd = Buffer.from("\r\n\r\n")
const nothing = Buffer.alloc(0)

export class HttpConnection {
  readonly #socket: net.Socket
  #exchange: Exchange | undefined
  /** What has come of the answer under way and is not taken: first its head, then its body. */
  #received: Buffer[] = []
  #receivedBytes = 0
  #head: Head | undefined

  /**
   * @param url http: or https:; of it host and port count
   * @param options.timeoutMs how long a server may say nothing, while it is connected to or asked
   * @param options.signal ends the connection
   * @throws Error when the server can't be reached
   */
  static async open(url: URL, { timeoutMs, signal }: ConnectionOptions): Promise<HttpConnection> {
    const host = url.hostname.replace(/^\[|\]$/g, "")
    const isTls = url.protocol === "https:"
    const port = Number(url.port || (isTls ? 443 : 80))
    const socket = isTls
      ? tls.connect({ host, port, ALPNProtocols: ["http/1.1"], ...(net.isIP(host) === 0 && { servername: host }) })
      : net.connect({ host, port })
    socket.setNoDelay(true)
    addAbortSignal(signal, socket)
    const connection = new HttpConnection(socket, timeoutMs)
    try {
      await once(socket, isTls ? "secureConnect" : "connect")
      return connection
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  private constructor(socket: net.Socket, timeoutMs: number) {
    this.#socket = socket
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`No answer within ${timeoutMs / 1000} s`)))
    socket.on("data", (chunk: Buffer) => this.#receive(chunk))
    socket.on("error", (error) => this.#fail(error))
    socket.on("close", () => this.#fail(new Error("The server closed the connection before its answer was whole")))
  }

  /** Whether another request can be sent. */
  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /**
   * Sends a request while none is under way; resolves once its answer is whole.
   * @throws Error when the connection ends before; it is of no use then
   */
  exchange(request: Uint8Array): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new Error("The connection is closed"))
      this.#exchange = { resolve, reject }
      this.#socket.write(request)
    })
  }

  /** An exchange under way fails. */
  close(): void {
    this.#socket.destroy()
  }

  #fail(error: Error) {
    this.#exchange?.reject(error)
    this.#exchange = undefined
  }

  #receive(chunk: Buffer) {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.length
    this.#head ??= this.#takeHead()
    if (this.#head === undefined) return
    const { status, bodyBytes, isLast } = this.#head
    // Chunks are read anew with each piece: who answers so is not the server that is to be fast.
    const body = bodyBytes === undefined ? chunkedBody(this.#join()) : this.#wholeBody(bodyBytes)
    if (body === undefined) return
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#head = undefined
    this.#received = []
    this.#receivedBytes = 0
    if (isLast) this.#socket.end()
    exchange?.resolve({ status, body })
  }

  #takeHead(): Head | undefined {
    const received = this.#join()
    const end = received.indexOf(headEnd)
    if (end === -1) return undefined
    const text = received.toString("latin1", 0, end)
    this.#received = [received.subarray(end + headEnd.length)]
    this.#receivedBytes = received.length - end - headEnd.length
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1])
    const isChunked = /^transfer-encoding:.*chunked/im.test(text)
    const length = /^content-length: *(\d+)/im.exec(text)?.[1]
    // Such as 100 Continue: the answer comes after it.
    if (status < 200) return this.#takeHead()
    if (Number.isNaN(status) || (length === undefined && !isChunked)) {
      this.#socket.destroy(new Error("The answer is not HTTP/1.1, or does not say how long it is"))
      return undefined
    }
    return {
      status,
      bodyBytes: isChunked ? undefined : Number(length),
      isLast: /^connection:.*close/im.test(text),
    }
  }

  #wholeBody(bodyBytes: number): Buffer | undefined {
    return this.#receivedBytes < bodyBytes ? undefined : this.#join().subarray(0, bodyBytes)
  }

  #join(): Buffer {
    const [only = nothing] = this.#received
    if (this.#received.length === 1) return only
    const joined = Buffer.concat(this.#received, this.#receivedBytes)
    this.#received = [joined]
    return joined
  }
}

/** The body that chunks make up, each a line with its length in hexadecimal and its bytes; undefined when the last is not there. */
function chunkedBody(received: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = received.indexOf("\r\n", at)
    if (lineEnd === -1) return undefined
    const length = Number.parseInt(received.toString("latin1", at, lineEnd), 16)
    const begin = lineEnd + 2
    // After the last chunk, which is empty, comes an empty line.
    if (received.length < begin + length + 2) return undefined
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(received.subarray(begin, begin + length))
    at = begin + length + 2
  }
}
