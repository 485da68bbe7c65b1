import { fork } from "node:child_process"
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
  return {
    send(message) {
      // What can't be sent any more belongs to a process that has ended, as `ended` tells.
      if (child.connected) child.send(message, () => {})
    },
    sendConnection(socket) {
      if (!child.connected) return void socket.destroy()
      child.send("connection", socket, (error) => {
        if (error !== null) socket.destroy()
      })
    },
    onMessage: (listener) => void child.on("message", listener),
    onClose: (listener) => void child.once("disconnect", listener),
    kill: () => void child.kill("SIGKILL"),
    ended,
  }
}
