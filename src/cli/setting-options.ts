/** Settings as flags of commands. */
import { Option } from "commander"
import type { FlagValue, Setting } from "../config/index.ts"
import type { CliWorld } from "./world.ts"

/** A switch gets two flags, since it may be on by default, or turned on by the file. */
export function settingOptions(setting: Setting<unknown, unknown>): Option[] {
  const { isMapping, name, valueName, shape, variables } = setting
  const fallback = setting.default === undefined ? "" : `; default ${setting.default}`
  // `code` spans are for the reference page: a terminal shows them as they are.
  const help = `${shape.doc.replaceAll("`", "")} (${variables.join(", ")}${fallback})`
  if (valueName !== undefined) {
    const option = new Option(`--${name} <${valueName}>`, help)
    return [isMapping ? option.argParser(addTo) : option]
  }
  return [new Option(`--${name}`, help), new Option(`--no-${name}`)]
}

/** A flag that is given several times. */
function addTo(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

export function settingsFileOption(): Option {
  return new Option(
    "--config <FILE>",
    "the settings file, instead of hydrant.yaml in the working folder (HYDRANT_CONFIG)",
  )
}

/** Which settings file was asked for. */
export function settingsFile(given: FlagValue | undefined, env: CliWorld["env"]): string | undefined {
  return typeof given === "string" ? given : env["HYDRANT_CONFIG"]
}
