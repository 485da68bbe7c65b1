import { readShape } from "../shapes/index.ts"
import { ownEndpointProblems } from "./own-endpoint.ts"
import type { Setting } from "./setting.ts"
import { type SettingValues, settings } from "./settings.ts"
import {
  type Declared,
  type GivenText,
  type NamedText,
  nothingDeclared,
  readSettingsFile,
  type SettingsFile,
} from "./settings-file.ts"
import { readTls, type Tls } from "./tls.ts"

/** Where settings come from, first come first served: flags, environment, file, default. */
export interface SettingSources {
  /**
   * By the settings' keys, which are what commander calls `--NAME`; other flags are not looked at. A flag that stands
   * alone is true, or false when it was given as `--no-NAME`; one that was given several times is all of that.
   */
  readonly flags: Readonly<Record<string, FlagValue | undefined>>
  /** An empty variable is the same as none. Unknown ones are not looked at: their names are not ours to judge. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The settings file, hydrant.yaml; undefined when there is none. */
  readonly file: NamedText | undefined
}

export type FlagValue = string | boolean | readonly string[]

/** Everything that the server can be told, as it will use it. Nobody has looked yet at what is declared. */
export interface Settings extends Omit<SettingValues, "tls" | "tlsCertificate" | "tlsKey">, Declared {
  readonly tls: Tls
}

export type SettingsOutcome =
  | { readonly kind: "read"; readonly settings: Settings }
  /** All that is wrong, at least one sentence for a person: which setting, where it was given, what is expected. */
  | { readonly kind: "refused"; readonly problems: readonly string[] }

/** Puts the settings together from their sources, or says everything that is wrong with them. */
export function readSettings(sources: SettingSources): SettingsOutcome {
  const file = readFile(sources.file)
  const problems = [...file.problems]
  const { tls, tlsCertificate, tlsKey, ...values } = readValues(sources, file, problems)
  const tlsOutcome = readTls({ tls, tlsCertificate, tlsKey })
  if (tlsOutcome.kind === "refused") problems.push(tlsOutcome.problem)
  problems.push(...ownEndpointProblems(values))
  if (tlsOutcome.kind === "refused" || problems.length > 0) return { kind: "refused", problems }
  return { kind: "read", settings: { ...values, tls: tlsOutcome.tls, ...file.declared } }
}

function readFile(file: NamedText | undefined): SettingsFile {
  if (file === undefined) return { given: new Map(), declared: nothingDeclared, problems: [] }
  const kinds = Object.values(settings).map(({ name, isMapping }) => [name, isMapping ? "mapping" : "value"] as const)
  return readSettingsFile(file, new Map(kinds))
}

/** One value for each setting. Where one is refused the default stands in, so that the other problems are found too. */
function readValues(sources: SettingSources, file: SettingsFile, problems: string[]): SettingValues {
  const values = Object.entries(settings).map(([key, setting]) => {
    const given =
      fromFlag(setting, sources.flags[key]) ??
      fromEnvironment(setting, sources.environment) ??
      file.given.get(setting.name)
    return [key, given === undefined ? setting.default : readValue(setting, given, problems)]
  })
  // Each value was read by its own setting's shape, or is that setting's default: what SettingValues says of it.
  return Object.fromEntries(values) as SettingValues
}

type AnySetting = Setting<unknown, unknown>

function fromFlag({ name }: AnySetting, value: FlagValue | undefined): GivenText | undefined {
  if (value === undefined) return undefined
  const text = typeof value === "object" ? value.join("\n") : String(value)
  return { text, source: `flag ${value === false ? "--no-" : "--"}${name}` }
}

function fromEnvironment({ variables }: AnySetting, environment: SettingSources["environment"]): GivenText | undefined {
  for (const variable of variables) {
    const text = environment[variable]
    if (text) return { text, source: `variable ${variable}` }
  }
  return undefined
}

function readValue(setting: AnySetting, { text, source }: GivenText, problems: string[]): unknown {
  const outcome = readShape(setting.shape, setting.fromText(text))
  if (outcome.kind === "read") return outcome.value
  problems.push(`Cannot set ${setting.name} to ${JSON.stringify(text)} (${source}): expected ${setting.expected}`)
  return setting.default
}
