import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

/** What a function does: the payload that it returns, an error of its own, or one of the service in its place. */
export type DoubleAnswer =
  | { readonly payload: string }
  | { readonly functionError: string }
  | { readonly error: string; readonly status: number }
  /** An answer that is none of Lambda's. */
  | { readonly status: number; readonly body: string }
  | "hang"
  | "break off"

type Code = (payload: string) => DoubleAnswer

/** A small Lambda on loopback: Invoke, in AWS's REST protocol, for functions that it is told of. */
export class LambdaDouble {
  /** The ARNs and payloads of all invocations so far. */
  readonly invocations: { readonly arn: string; readonly payload: string }[] = []
  readonly #functions = new Map<string, Code>()
  readonly #server: Server

  static async start(): Promise<LambdaDouble> {
    const double = new LambdaDouble()
    double.#server.listen(0, "127.0.0.1")
    await once(double.#server, "listening")
    return double
  }

  private constructor() {
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))
  }

  get endpoint(): string {
    const address = this.#server.address()
    if (address === null || typeof address === "string") throw new Error("The Lambda double is not listening")
    return `http://127.0.0.1:${address.port}`
  }

  /** A function under an ARN, qualified or not, in the place of any that was there. */
  setFunction(arn: string, code: Code): void {
    this.#functions.set(arn, code)
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse) {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const payload = Buffer.concat(chunks).toString()
    const answer = this.#answer(incoming, payload)
    if (answer === "hang") return
    if (answer === "break off") return void incoming.socket.destroy()
    if ("payload" in answer) return void outgoing.writeHead(200).end(answer.payload)
    if ("functionError" in answer) {
      return void outgoing.writeHead(200, { "x-amz-function-error": "Unhandled" }).end(answer.functionError)
    }
    if ("body" in answer) return void outgoing.writeHead(answer.status).end(answer.body)
    const { error, status } = answer
    outgoing
      .writeHead(status, { "content-type": "application/json", "x-amzn-errortype": error })
      .end(JSON.stringify({ Type: "User", Message: `${error} of the double` }))
  }

  #answer({ headers, method, url = "" }: IncomingMessage, payload: string): DoubleAnswer {
    const [, name = ""] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url) ?? []
    if (method !== "POST" || name === "") return { error: "UnknownOperationException", status: 404 }
    if (!/Credential=\w+\/\d{8}\/us-east-1\/lambda\/aws4_request/.test(headers.authorization ?? "")) {
      return { error: "MissingAuthenticationTokenException", status: 403 }
    }
    if ((headers["x-amz-invocation-type"] ?? "RequestResponse") !== "RequestResponse") {
      return { error: "InvalidParameterValueException", status: 400 }
    }
    const arn = decodeURIComponent(name)
    this.invocations.push({ arn, payload })
    return this.#functions.get(arn)?.(payload) ?? { error: "ResourceNotFoundException", status: 404 }
  }
}
