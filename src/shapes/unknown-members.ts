import type { ListShape, MapShape } from "./compound.ts"
import type { OptionalMember, Shape } from "./shape.ts"

/**
 * The paths of members that a value has and its shape does not. Requests may have such members (spec/api.md, section 1.1);
 * in a file that a person wrote they are most likely mistyped.
 */
export function unknownMembers(shape: Shape<unknown>, value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return []
  if (isStructure(shape)) {
    return Object.entries(value).flatMap(([name, given]) => {
      const memberPath = path === "" ? name : `${path}.${name}`
      const member = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined
      if (member === undefined) return [memberPath]
      return unknownMembers("optional" in member ? member.shape : member, given, memberPath)
    })
  }
  if (!isList(shape)) return []
  return Object.entries(value).flatMap(([name, given]) => unknownMembers(shape.item, given, `${path}.${name}`))
}

type AnyStructure = Shape<unknown> & {
  readonly members: Readonly<Record<string, Shape<unknown> | OptionalMember<unknown>>>
}

function isStructure(shape: Shape<unknown>): shape is AnyStructure {
  return shape.kind === "structure" && "members" in shape
}

function isList(shape: Shape<unknown>): shape is ListShape<unknown> | MapShape<unknown> {
  return (shape.kind === "list" || shape.kind === "map") && "item" in shape
}
