import { once } from "node:events"
import net from "node:net"

/** A TCP connection of a client that keeps no rules. What the other side does to it is never an error here. */
export class RawConnection {
  readonly #socket: net.Socket
  readonly #closed: Promise<void>
  #received = ""

  /** Connects to the host and port of `url`. */
  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url)
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true })
    const connection = new RawConnection(socket)
    await once(socket, "connect")
    return connection
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()))
    socket.setEncoding("latin1").on("data", (text: string) => {
      this.#received += text
    })
    // The server has ended it: so does this side, once it has seen it.
    socket.on("end", () => socket.end())
    // A reset is seen as the end, which is what the tests ask about.
    socket.on("error", () => socket.destroy())
  }

  /** All that came so far, a character a byte. */
  get received(): string {
    return this.#received
  }

  send(data: string | Uint8Array): void {
    this.#socket.write(data)
  }

  /** Resolves with all that came as soon as it matches, or when the connection is closed. */
  async until(pattern: RegExp): Promise<string> {
    while (!this.#socket.closed && !pattern.test(this.#received)) {
      await new Promise<void>((resolve) => {
        const more = () => {
          this.#socket.off("data", more).off("close", more)
          resolve()
        }
        this.#socket.on("data", more).on("close", more)
      })
    }
    return this.#received
  }

  /** Resolves with all that came once the connection is closed, whoever did that. */
  async untilClosed(): Promise<string> {
    await this.#closed
    return this.#received
  }

  /** Sends no more, and goes on reading. */
  finish(): void {
    this.#socket.end()
  }

  /** Ends the connection without a goodbye. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }
}
