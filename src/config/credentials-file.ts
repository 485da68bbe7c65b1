import type { NamedText } from "./settings-file.ts"

/** A key that may sign requests. */
export interface SigningCredential {
  readonly secretAccessKey: string
  /** When there is one, requests must carry exactly it. */
  readonly sessionToken?: string
}

export type CredentialsOutcome =
  /** By access key id; at least one. */
  | { readonly kind: "read"; readonly credentials: ReadonlyMap<string, SigningCredential> }
  /** At least one sentence for a person. None shows a secret. */
  | { readonly kind: "refused"; readonly problems: readonly string[] }

/**
 * Reads AWS's shared credentials file, in which each profile is a key that may sign:
 *
 *     [producer]
 *     aws_access_key_id = AKIAIOSFODNN7EXAMPLE
 *     aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
 *     aws_session_token = ...                        only when requests must carry it
 *
 * Other keys of a profile are of no use here and passed over. The SDK's own parser does not serve: it reads files only,
 * and takes without a word what here must be an error, such as a profile that is there twice, of which it mixes the keys.
 */
export function readCredentialsFile(file: NamedText): CredentialsOutcome {
  const problems: string[] = []
  const credentials = new Map<string, SigningCredential>()
  const profiles = readProfiles(file, problems)
  if (profiles.size === 0 && problems.length === 0) {
    problems.push(
      `Cannot use ${file.name}: it has no profile; expected [NAME], and below it aws_access_key_id and aws_secret_access_key`,
    )
  }
  const profileOfKey = new Map<string, string>()
  for (const [profile, keys] of profiles) {
    const cannot = `Cannot use profile "${profile}" of ${file.name}`
    const accessKeyId = keys.get("aws_access_key_id")
    const secretAccessKey = keys.get("aws_secret_access_key")
    const sessionToken = keys.get("aws_session_token")
    if (!accessKeyId) problems.push(`${cannot}: it has no aws_access_key_id`)
    if (!secretAccessKey) problems.push(`${cannot}: it has no aws_secret_access_key`)
    if (!accessKeyId || !secretAccessKey) continue
    const other = profileOfKey.get(accessKeyId)
    if (!/^[\w.-]+$/.test(accessKeyId)) {
      problems.push(`${cannot}: aws_access_key_id "${accessKeyId}" may hold only letters, digits and _.-`)
    } else if (other !== undefined) {
      problems.push(`${cannot}: aws_access_key_id "${accessKeyId}" is that of profile "${other}" already`)
    }
    profileOfKey.set(accessKeyId, profile)
    credentials.set(accessKeyId, { secretAccessKey, ...(sessionToken ? { sessionToken } : {}) })
  }
  return problems.length === 0 ? { kind: "read", credentials } : { kind: "refused", problems }
}

type Profiles = ReadonlyMap<string, ReadonlyMap<string, string>>

function readProfiles(file: NamedText, problems: string[]): Profiles {
  const profiles = new Map<string, Map<string, string>>()
  let current: Map<string, string> | undefined
  for (const [index, whole] of file.text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const at = `${file.name}, line ${index + 1}`
    // A comment begins with # or ; at the start of a line or after a space, as in the SDKs.
    const line = whole.replace(/(^|\s)[#;].*$/, "").trim()
    if (line === "") continue
    const profile = /^\[\s*(.*?)\s*\]$/.exec(line)?.[1]
    if (profile !== undefined) {
      if (profiles.has(profile)) problems.push(`Cannot use profile "${profile}" (${at}): it is there twice`)
      current = new Map()
      profiles.set(profile, current)
      continue
    }
    const equals = line.indexOf("=")
    const name = line.slice(0, equals).trim().toLowerCase()
    // The line itself is not shown: it may be a secret.
    if (equals < 1) problems.push(`Cannot read ${at}: expected [PROFILE] or NAME = VALUE`)
    else if (current === undefined) problems.push(`Cannot use ${name} (${at}): it stands before the first [PROFILE]`)
    else if (current.has(name)) problems.push(`Cannot use ${name} (${at}): it is there twice in its profile`)
    else current.set(name, line.slice(equals + 1).trim())
  }
  return profiles
}
