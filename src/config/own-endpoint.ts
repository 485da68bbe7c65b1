import { isLoopback } from "../platform/index.ts"
import { type SettingValues, settings } from "./settings.ts"

/**
 * AWS_ENDPOINT_URL sends the clients in a shell to Hydrant; a server that is started in the same shell would take it for
 * the store, and deliver to itself.
 */
export function ownEndpointProblems(
  values: Pick<SettingValues, "s3Endpoint" | "listenAddress" | "listenPort">,
): readonly string[] {
  const { s3Endpoint, listenAddress, listenPort } = values
  if (s3Endpoint === undefined) return []
  const { protocol, hostname, port } = new URL(s3Endpoint)
  const host = hostname.replace(/^\[(.*)\]$/, "$1")
  const samePort = Number(port || (protocol === "https:" ? 443 : 80)) === listenPort
  const sameHost = host === listenAddress || (isLoopback(host) && (isLoopback(listenAddress) || isAny(listenAddress)))
  if (!samePort || !sameHost) return []
  return [
    `Cannot use "${s3Endpoint}" as ${settings.s3Endpoint.name}: it is where Hydrant itself listens. When AWS_ENDPOINT_URL is there for clients, set AWS_ENDPOINT_URL_FIREHOSE in its place`,
  ]
}

/** The addresses that stand for every address of the machine. */
function isAny(address: string): boolean {
  return address === "0.0.0.0" || address === "::"
}
