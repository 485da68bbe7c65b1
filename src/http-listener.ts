import net, { type AddressInfo, type Socket } from "node:net"
import { createFront, type FrontOptions } from "./http-front.ts"

export interface ListenOptions extends FrontOptions {
  readonly address: string
  readonly port: number
  /** Gives a connection to another process; false when it is to be served by this one. */
  readonly giveAway?: (socket: Socket) => boolean
}

/** An HTTP server that listens. */
export interface Listener {
  readonly url: string
  /** Takes no new connections, and resolves when the requests under way are answered; at `deadline` they are cut. */
  close(deadline: Promise<void>): Promise<void>
}

/** @throws the system's error when the port is taken, or the address is not this machine's */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { address, port, tls, giveAway } = options
  const front = createFront(options)
  // What another process shall read must not be read here.
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    if (giveAway?.(socket)) return
    front.accept(socket)
    socket.resume()
  })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject)
      server.listen(port, address, resolve)
    })
  } catch (error) {
    // It watches over its connections from the beginning, and would keep the process from ending.
    await front.close(Promise.resolve())
    throw error
  }
  const scheme = tls === undefined ? "http" : "https"
  return {
    url: `${scheme}://${hostOf(server.address())}`,
    async close(deadline) {
      server.close()
      await front.close(deadline)
    },
  }
}

function hostOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") throw new Error("An HTTP server must listen on a port")
  return address.family === "IPv6" ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`
}
