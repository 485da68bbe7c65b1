import type { OptionalMember, Shape } from "../../src/shapes/index.ts"

/** Every member of a shape, each by its path: `BufferingHints.SizeInMBs`, `Processors[].Type`. */
export function memberPaths(shape: Shape<unknown>): readonly string[] {
  const below = (path: string, inner: Shape<unknown>) => memberPaths(inner).map((name) => `${path}${name}`)
  if (isStructure(shape)) {
    return Object.entries(shape.members).flatMap(([name, member]) => {
      const inner = "optional" in member ? member.shape : member
      return [name, ...below(hasItems(inner) ? name : `${name}.`, inner)]
    })
  }
  return hasItems(shape) ? below("[].", shape.item) : []
}

function isStructure(
  shape: Shape<unknown>,
): shape is Shape<unknown> & { readonly members: Readonly<Record<string, Shape<unknown> | OptionalMember<unknown>>> } {
  return "members" in shape
}

function hasItems(shape: Shape<unknown>): shape is Shape<unknown> & { readonly item: Shape<unknown> } {
  return "item" in shape
}
