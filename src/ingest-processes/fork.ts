import { fork } from "node:child_process"
import type { Socket } from "node:net"
import { fileURLToPath } from "node:url"
import type { Child } from "./ingest-process.ts"

/** The program of an ingest process. */
const program = fileURLToPath(new URL("../ingest-process.js", import.meta.url))

/** Starts an ingest process of this installation. It writes its log where this process does. */
export function forkIngestProcess(): Child {
  // "advanced" carries bytes and maps as they are.
  const child = fork(program, { serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] })
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message))
    child.once("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
  // Node does not tell that the channel is closed while a connection is on its way over it, and forgets the connections that
  // wait for that one: their clients, and those who wait for an answer of the process, would wait for ever.
  const closed = new Promise<void>((resolve) => {
    child.once("disconnect", resolve)
    void ended.then(() => resolve())
  })
  const onTheWay = new Set<Socket>()
  void closed.then(() => {
    for (const socket of onTheWay) socket.destroy()
  })
  return {
    send(message) {
      // What can't be sent any more belongs to a process that has ended, as `ended` tells.
      if (child.connected) child.send(message, () => {})
    },
    sendConnection(socket) {
      if (!child.connected) return void socket.destroy()
      onTheWay.add(socket)
      // "keepOpen": it is closed here. Once it was sent it stays open on its way, and in the other process.
      child.send("connection", socket, { keepOpen: true }, () => {
        onTheWay.delete(socket)
        socket.destroy()
      })
    },
    onMessage: (listener) => void child.on("message", listener),
    onClose: (listener) => void closed.then(listener),
    kill: () => void child.kill("SIGKILL"),
    ended,
  }
}
