import type { HiveType } from "../columns/index.ts"

/** All columns of a table by their ids: the row itself, then each field and, right behind it, those that are in it. */
export function columnTypes(type: HiveType): readonly HiveType[] {
  return [type, ...childTypes(type).flatMap(columnTypes)]
}

/** Of what is right inside values of this type. */
export function childTypes(type: HiveType): readonly HiveType[] {
  switch (type.kind) {
    case "array":
      return [type.element]
    case "map":
      return [type.key, type.value]
    case "struct":
      return type.fields.map((field) => field.type)
    default:
      return []
  }
}
