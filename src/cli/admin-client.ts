import { InvalidArgumentError, Option } from "commander"
import { CommandError, connectionProblem, Interrupted, innermostMessage } from "./failure.ts"
import type { CliWorld } from "./world.ts"

const defaultAdminUrl = "http://127.0.0.1:4574"

/** The flag of every command that speaks to the admin side. */
export function adminOption(): Option {
  return new Option("--admin-url <url>", `where Hydrant's admin side is (HYDRANT_ADMIN_URL; ${defaultAdminUrl})`)
}

/** The flag of every command that has the admin side wait. */
export function timeoutOption(): Option {
  return new Option("--timeout <seconds>", "how long to wait, 240 at most").default(60).argParser((value) => {
    const seconds = Number(value)
    if (seconds > 0 && seconds <= 240) return seconds
    throw new InvalidArgumentError("It must be a number of seconds, 240 at most.")
  })
}

/** The admin side's address, without a slash at the end. */
export function adminUrl(given: string | undefined, env: CliWorld["env"]): string {
  const url = given ?? env["HYDRANT_ADMIN_URL"] ?? defaultAdminUrl
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CommandError(`"${url}" is not the address of an admin side`, `Give one such as ${defaultAdminUrl}`)
  }
  return url.replace(/\/+$/, "")
}

export interface AdminQuestion {
  readonly method: "GET" | "POST"
  readonly path: string
  /** JSON. */
  readonly body?: string
}

export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
}

/**
 * Asks the admin side. Answers what it says with 200, and with the statuses in `expected`.
 * @throws CommandError for everything else, with the server's own words
 */
export async function askAdmin(
  url: string,
  { method, path, body }: AdminQuestion,
  signal: AbortSignal,
  expected: readonly number[] = [],
): Promise<AdminAnswer> {
  const response = await fetch(`${url}${path}`, { method, signal, ...(body !== undefined && { body }) }).catch(
    (error: unknown) => {
      if (signal.aborted) throw new Interrupted()
      const problem = connectionProblem(error) ?? innermostMessage(error)
      throw new CommandError(
        `No answer from Hydrant's admin side at ${url}: ${problem}`,
        "Start the server (hydrant serve), or say where its admin side is with --admin-url or HYDRANT_ADMIN_URL",
        { cause: error },
      )
    },
  )
  const text = await response.text()
  const answered = parseJson(text)
  if (response.ok && answered !== undefined) return { status: response.status, body: answered }
  if (answered === undefined) {
    throw new CommandError(
      `What answers at ${url} is not Hydrant's admin side: HTTP ${response.status}, not JSON`,
      "Say where it is with --admin-url or HYDRANT_ADMIN_URL; the API has a port of its own",
    )
  }
  if (expected.includes(response.status)) return { status: response.status, body: answered }
  throw new CommandError(
    textMember(answered, "message") ?? `The admin side answered HTTP ${response.status}`,
    textMember(answered, "help"),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The one way in which JSON.parse fails: the text is not JSON, and this answer says so.
    return undefined
  }
}

/** A member of a JSON object that is a text. */
function textMember(value: unknown, name: string): string | undefined {
  const member =
    typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : null
  return typeof member === "string" ? member : undefined
}
