/** Tags as requests give them and as the catalog keeps them: spec/api.md, section 4.6. */
import type { TypeOf } from "../shapes/index.ts"
import type { Tag } from "../streams/index.ts"
import type { tagList } from "./members.ts"

/** Of one stream. */
export const tagsMax = 50

/** `given` laid over `current`, in the order of their keys' code units. Of two with one key the last counts. */
export function mergeTags(current: readonly Tag[], given: TypeOf<typeof tagList>): readonly Tag[] {
  const merged = new Map(current.map((tag) => [tag.key, tag]))
  for (const { Key: key, Value: value } of given) merged.set(key, value === undefined ? { key } : { key, value })
  return [...merged.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}
