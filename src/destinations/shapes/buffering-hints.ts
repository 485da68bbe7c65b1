import assert from "node:assert/strict"
import { integer, optional, structure, type TypeOf } from "../../shapes/index.ts"
import type { Buffering } from "../destination.ts"

/** The largest values that a destination takes: spec/config-shapes.md, section 4. */
interface BufferingLimits {
  readonly sizeInMBsMax: number
  readonly intervalInSecondsMax: number
}

/** When a buffer is delivered: whichever is reached first. Each destination has its own limits. */
export function bufferingHints({ sizeInMBsMax, intervalInSecondsMax }: BufferingLimits) {
  return structure("When buffered records are delivered: whichever is reached first. Both members or neither.", {
    SizeInMBs: optional(integer("Of the records, before compression, in MiB.", { min: 1, max: sizeInMBsMax })),
    IntervalInSeconds: optional(
      integer("Since the oldest record arrived; 0 is as soon as possible.", { min: 0, max: intervalInSecondsMax }),
    ),
  })
}

/** What hints of a kind of bucket keep to beside the limits of each member. */
export interface BufferingRules {
  readonly sizeInMBsMin: number
  readonly intervalInSecondsMin: number
  /** Ends the message of a hint that is too low. */
  readonly when: string
  readonly defaults: { readonly SizeInMBs: number; readonly IntervalInSeconds: number }
}

export type BufferingHints = TypeOf<ReturnType<typeof bufferingHints>>

/**
 * What is wrong with hints whose members go together; undefined when nothing is. Of the service's own words only those on the
 * size are known.
 */
export function checkBufferingHints(hints: BufferingHints | undefined, rules: BufferingRules): string | undefined {
  if (hints?.SizeInMBs === undefined && hints?.IntervalInSeconds === undefined) return undefined
  if (hints.SizeInMBs === undefined || hints.IntervalInSeconds === undefined) {
    return "Both SizeInMBs and IntervalInSeconds are required to configure BufferingHints"
  }
  const { sizeInMBsMin, intervalInSecondsMin, when } = rules
  if (hints.SizeInMBs < sizeInMBsMin) return `BufferingHints.SizeInMBs must be at least ${sizeInMBsMin} when ${when}.`
  if (hints.IntervalInSeconds < intervalInSecondsMin) {
    return `BufferingHints.IntervalInSeconds must be at least ${intervalInSecondsMin} when ${when}.`
  }
  return undefined
}

/** Hints whose defaults are filled in, as a buffer is closed by. MB is MiB: spec/buffering.md, section 1. */
export function toBuffering({ SizeInMBs, IntervalInSeconds }: BufferingHints): Buffering {
  assert(SizeInMBs !== undefined && IntervalInSeconds !== undefined, "Buffering hints were stored without defaults")
  return { bufferBytesMax: SizeInMBs * 1024 * 1024, intervalMs: IntervalInSeconds * 1000 }
}
