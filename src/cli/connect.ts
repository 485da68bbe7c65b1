import { FirehoseClient, FirehoseServiceException } from "@aws-sdk/client-firehose"
import { Option } from "commander"
import { CommandError, connectionProblem, Interrupted } from "./failure.ts"
import type { CliWorld } from "./world.ts"

const defaultEndpointUrl = "http://127.0.0.1:4573"

/** The flag of every command that speaks the Firehose API. */
export function endpointOption(): Option {
  return new Option(
    "--endpoint-url <url>",
    `where Hydrant's API is (AWS_ENDPOINT_URL_FIREHOSE, AWS_ENDPOINT_URL; ${defaultEndpointUrl})`,
  )
}

/** The API's address: what the flag gives, else what the AWS SDKs would take from the environment, else the default. */
export function endpointUrl(given: string | undefined, env: CliWorld["env"]): string {
  return requireUrl(given ?? env["AWS_ENDPOINT_URL_FIREHOSE"] ?? env["AWS_ENDPOINT_URL"] ?? defaultEndpointUrl)
}

/** @throws CommandError unless it is the address of an HTTP service, and nothing but that */
export function requireUrl(url: string): string {
  if (URL.canParse(url) && new URL(url).password !== "") {
    throw new CommandError(
      "The address of an endpoint holds a password, which would not be used",
      "Leave it out: the AWS SDK finds credentials in the environment and in its files",
    )
  }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CommandError(`"${url}" is not the address of an endpoint`, `Give one such as ${defaultEndpointUrl}`)
  }
  return url
}

/** The API as a client of it. The caller destroys it. */
export async function connect(url: string, env: CliWorld["env"]): Promise<FirehoseClient> {
  const base = {
    endpoint: url,
    region: env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1",
    maxAttempts: 5,
  }
  const client = new FirehoseClient(base)
  if (!isLoopback(url)) return client
  try {
    await client.config.credentials()
    return client
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "CredentialsProviderError") throw error
    // A server on this machine takes any key unless it was given credentials; the SDK only refuses to sign with none.
    client.destroy()
    return new FirehoseClient({ ...base, credentials: { accessKeyId: "hydrant", secretAccessKey: "hydrant" } })
  }
}

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** What a failed call means for the person who asked for it. `action` completes "Cannot ...", `flag` names `url`. */
export function callFailure(
  error: unknown,
  action: string,
  url: string,
  flag = "--endpoint-url",
): CommandError | Interrupted {
  if (error instanceof CommandError || error instanceof Interrupted) return error
  const problem = connectionProblem(error)
  if (problem !== undefined) {
    return new CommandError(
      `Cannot ${action}: no answer from ${url}, ${problem}`,
      `Start the server (hydrant serve), or say where it is with ${flag}`,
      { cause: error },
    )
  }
  if (error instanceof FirehoseServiceException) {
    return new CommandError(`Cannot ${action}: ${error.message} (${error.name})`, helpFor(error.name), { cause: error })
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new CommandError(`Cannot ${action}: ${reason}`, helpFor(error instanceof Error ? error.name : ""), {
    cause: error,
  })
}

function helpFor(errorName: string): string | undefined {
  switch (errorName) {
    case "ResourceNotFoundException":
      return "hydrant streams list shows the delivery streams that exist"
    case "ServiceUnavailableException":
      return "The server is full or can't write: its log says which. Nothing that it acknowledged is lost"
    case "UnrecognizedClientException":
    case "InvalidSignatureException":
      return "The server knows other credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to those that it was given"
    case "CredentialsProviderError":
      return "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    default:
      return undefined
  }
}
