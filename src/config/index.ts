/** Settings from flags, environment and file, in one schema; and what they point to: credentials, certificates. */
export { type CredentialsOutcome, readCredentialsFile, type SigningCredential } from "./credentials-file.ts"
export { exposureProblems } from "./exposure.ts"
export {
  type FlagValue,
  readSettings,
  type SettingSources,
  type Settings,
  type SettingsOutcome,
} from "./read-settings.ts"
export { type Certificate, selfSignedCertificate } from "./self-signed-certificate.ts"
export type { Setting } from "./setting.ts"
export { type SettingKey, settings } from "./settings.ts"
export type { NamedText } from "./settings-file.ts"
export type { Tls } from "./tls.ts"
