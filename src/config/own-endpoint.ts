import { isLoopback } from "../platform/index.ts"
import { type SettingValues, settings } from "./settings.ts"

/**
 * AWS_ENDPOINT_URL sends the clients in a shell to Hydrant; a server that is started in the same shell would take it for
 * the store and for Lambda, and deliver to itself.
 */
export function ownEndpointProblems(
  values: Pick<SettingValues, EndpointKey | "listenAddress" | "listenPort">,
): readonly string[] {
  const endpoints = (["s3Endpoint", "lambdaEndpoint"] as const).filter((key) => isOwn(values[key], values))
  return endpoints.map(
    (key) =>
      `Cannot use "${values[key]}" as ${settings[key].name}: it is where Hydrant itself listens. When AWS_ENDPOINT_URL is there for clients, set AWS_ENDPOINT_URL_FIREHOSE in its place`,
  )
}

type EndpointKey = "s3Endpoint" | "lambdaEndpoint"

function isOwn(
  endpoint: string | undefined,
  { listenAddress, listenPort }: Pick<SettingValues, "listenAddress" | "listenPort">,
): boolean {
  if (endpoint === undefined) return false
  const { protocol, hostname, port } = new URL(endpoint)
  const host = hostname.replace(/^\[(.*)\]$/, "$1")
  const samePort = Number(port || (protocol === "https:" ? 443 : 80)) === listenPort
  const sameHost = host === listenAddress || (isLoopback(host) && (isLoopback(listenAddress) || isAny(listenAddress)))
  return samePort && sameHost
}

/** The addresses that stand for every address of the machine. */
function isAny(address: string): boolean {
  return address === "0.0.0.0" || address === "::"
}
