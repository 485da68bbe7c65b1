import type { Problems } from "./problems.ts"
import { lengthAtLeast, lengthAtMost } from "./scalars.ts"
import type { OptionalMember, Shape } from "./shape.ts"

type Member = Shape<unknown> | OptionalMember<unknown>
type Members = Readonly<Record<string, Member>>

type RequiredNames<M extends Members> = {
  [Name in keyof M]: M[Name] extends OptionalMember<unknown> ? never : Name
}[keyof M]

/** What a structure with the members `M` is read as. */
export type StructureValue<M extends Members> = {
  readonly [Name in RequiredNames<M>]: M[Name] extends Shape<infer T> ? T : never
} & {
  readonly [Name in Exclude<keyof M, RequiredNames<M>>]?: M[Name] extends OptionalMember<infer T> ? T : never
}

export interface StructureShape<M extends Members> extends Shape<StructureValue<M>> {
  readonly kind: "structure"
  readonly members: M
}

/** An object with known members. Unknown ones are ignored, and `null` is the same as absent (spec/api.md, section 1.1). */
export function structure<const M extends Members>(doc: string, members: M): StructureShape<M> {
  const entries = Object.entries(members).map(([name, member]) => ({
    name,
    pathName: lowerFirst(name),
    required: !("optional" in member),
    shape: "optional" in member ? member.shape : member,
  }))
  return {
    kind: "structure",
    doc,
    sensitive: false,
    members,
    read(value, path, problems) {
      if (!isObject(value)) return problems.type(path, notA(value, "null"))
      const read: Record<string, unknown> = {}
      for (const { name, pathName, required, shape } of entries) {
        const memberPath = path === "" ? pathName : `${path}.${pathName}`
        const given = Object.hasOwn(value, name) ? value[name] : undefined
        if (given !== undefined && given !== null) read[name] = shape.read(given, memberPath, problems)
        else if (required) problems.constraint(memberPath, "null", "Member must not be null")
      }
      // The one place where what was read member by member becomes the inferred type.
      return read as StructureValue<M>
    },
  }
}

export interface ListLimits {
  readonly countMin?: number
  readonly countMax?: number
}

export interface ListShape<T> extends Shape<readonly T[]> {
  readonly kind: "list"
  readonly item: Shape<T>
  readonly limits: ListLimits
}

export function list<T>(doc: string, item: Shape<T>, limits: ListLimits = {}): ListShape<T> {
  return {
    kind: "list",
    doc,
    sensitive: false,
    item,
    limits,
    read(value, path, problems) {
      if (!Array.isArray(value)) return problems.type(path, notA(value, "list or null"))
      const { countMin = 0, countMax = Number.POSITIVE_INFINITY } = limits
      const shown = `[${value.length} items]`
      if (value.length < countMin) problems.constraint(path, shown, lengthAtLeast(countMin))
      if (value.length > countMax) {
        // Its items are not looked at: a client that sends a million of them gets one answer, soon.
        return problems.constraint(path, shown, lengthAtMost(countMax))
      }
      const read: T[] = []
      for (let index = 0; index < value.length; index++) {
        const one = readItem(item, value[index], `${path}.${index + 1}.member`, problems)
        if (one !== undefined) read.push(one)
      }
      return read
    },
  }
}

export interface MapShape<T> extends Shape<Readonly<Record<string, T>>> {
  readonly kind: "map"
  readonly key: Shape<string>
  readonly item: Shape<T>
}

/** An object whose member names are data. */
export function map<T>(doc: string, key: Shape<string>, item: Shape<T>): MapShape<T> {
  return {
    kind: "map",
    doc,
    sensitive: false,
    key,
    item,
    read(value, path, problems) {
      if (!isObject(value)) return problems.type(path, notA(value, "map or null"))
      const read: [string, T][] = []
      for (const [name, given] of Object.entries(value)) {
        key.read(name, `${path}.key`, problems)
        const one = readItem(item, given, `${path}.${name}.member`, problems)
        if (one !== undefined) read.push([name, one])
      }
      // Not by assignment: a key named __proto__ would be lost.
      return Object.fromEntries(read)
    },
  }
}

function readItem<T>(item: Shape<T>, given: unknown, path: string, problems: Problems): T | undefined {
  if (given === undefined || given === null) return problems.constraint(path, "null", "Member must not be null")
  return item.read(given, path, problems)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** What AWS says of a JSON value where a list, map or structure belongs: spec/api.md, section 1.5. */
function notA(value: unknown, expected: "list or null" | "map or null" | "null"): string {
  if (Array.isArray(value)) return "Start of list found where not expected"
  if (typeof value === "object") return "Start of structure or map found where not expected."
  return `Expected ${expected}`
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
