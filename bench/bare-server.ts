/**
 * The least that a server on node:http can do: it reads a request's body and answers with as many bytes as Hydrant does.
 * `node bare-server.js ANSWER_BYTES`. It says that it is ready, and gives its own metrics, as Hydrant does.
 */
import { once } from "node:events"
import http from "node:http"

const answer = "x".repeat(Number(process.argv[2]))

const api = http.createServer((request, response) => {
  request.on("data", () => {})
  request.on("end", () => {
    response.writeHead(200, { "Content-Type": "application/x-amz-json-1.1", "Content-Length": answer.length })
    response.end(answer)
  })
})

const admin = http.createServer((_request, response) => {
  const { user, system } = process.cpuUsage()
  const cpuSeconds = (user + system) / 1_000_000
  response.end(`process_cpu_seconds_total ${cpuSeconds}\nprocess_resident_memory_bytes ${process.memoryUsage.rss()}\n`)
})

process.once("SIGTERM", () => process.exit())
console.log(JSON.stringify({ api: await listen(api), admin: await listen(admin) }))

async function listen(server: http.Server): Promise<string> {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("An HTTP server must listen on a port")
  return `http://127.0.0.1:${address.port}`
}
