import { once } from "node:events"
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"

/** A store that takes whatever is put into it, and answers after `answerMs`. It keeps nothing. */
export async function startSlowStore(answerMs: number): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    request.resume()
    request.once("end", async () => {
      await sleep(answerMs)
      response.setHeader("etag", '"0"').end()
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("The store has no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
