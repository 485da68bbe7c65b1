/** How the encryption of a stream goes from one state to the next: spec/api.md, section 3. */
import type { EncryptionState, Failure, MasterKey, StreamEncryption, WrappedDataKey } from "./definition.ts"

/** Starts and stops of one stream in a day: spec/api.md, section 4.7. */
export const encryptionChangesMax = 25
const dayMs = 24 * 3_600_000

/** The key that records are sealed with now; undefined when they are stored in the clear. */
export function sealingKey({ state, dataKeys }: StreamEncryption): WrappedDataKey | undefined {
  return masterKeyInForce(state) === undefined ? undefined : dataKeys.at(-1)
}

/** The key that wraps what records are sealed with now; undefined when they are stored in the clear. */
export function masterKeyInForce(state: EncryptionState): MasterKey | undefined {
  switch (state.status) {
    case "DISABLED":
      return undefined
    case "ENABLED":
    case "DISABLING":
      return state.key
    case "ENABLING":
    case "ENABLING_FAILED":
      return state.before
  }
}

/** Whether a start or stop was accepted that is not carried out yet. */
export function isChanging({ state }: StreamEncryption): boolean {
  return state.status === "ENABLING" || state.status === "DISABLING"
}

/** Whether a start or stop at `nowMs` would be one more than there may be in a day. */
export function hasChangedTooOften({ changesMs }: StreamEncryption, nowMs: number): boolean {
  return withinDay(changesMs, nowMs).length >= encryptionChangesMax
}

/** Of a stream that is made with encryption. */
export function encryptedWith(key: MasterKey): StreamEncryption {
  return { state: { status: "ENABLING", key, before: undefined }, dataKeys: [], changesMs: [] }
}

/** `key` is to be used from now on; its data key is still to be made. */
export function enabling(encryption: StreamEncryption, key: MasterKey, nowMs: number): StreamEncryption {
  const before = masterKeyInForce(encryption.state)
  return { ...changed(encryption, nowMs), state: { status: "ENABLING", key, before } }
}

/** Records are sealed with `dataKey` from now on. */
export function enabled(encryption: StreamEncryption, dataKey: WrappedDataKey): StreamEncryption {
  const state: EncryptionState = { status: "ENABLED", key: dataKey.key }
  return { ...encryption, state, dataKeys: [...encryption.dataKeys, dataKey] }
}

/** The data key could not be made: all stays as it was before. */
export function enablingFailed(encryption: StreamEncryption, failure: Failure): StreamEncryption {
  const { state } = encryption
  return state.status === "ENABLING"
    ? { ...encryption, state: { ...state, status: "ENABLING_FAILED", failure } }
    : encryption
}

/** Records are to be stored in the clear; those of a stream that is not encrypted are already. */
export function disabling(encryption: StreamEncryption, nowMs: number): StreamEncryption {
  const { state } = encryption
  if (state.status === "DISABLED") return encryption
  const key = masterKeyInForce(state)
  return { ...changed(encryption, nowMs), state: key === undefined ? disabled : { status: "DISABLING", key } }
}

/** Records are stored in the clear from now on. The data keys stay, for what they sealed. */
export function afterDisabling(encryption: StreamEncryption): StreamEncryption {
  return { ...encryption, state: disabled }
}

const disabled: EncryptionState = { status: "DISABLED" }

function changed(encryption: StreamEncryption, nowMs: number): StreamEncryption {
  return { ...encryption, changesMs: [...withinDay(encryption.changesMs, nowMs), nowMs] }
}

function withinDay(changesMs: readonly number[], nowMs: number): readonly number[] {
  return changesMs.filter((changeMs) => nowMs - changeMs < dayMs)
}
