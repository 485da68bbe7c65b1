import { boolean, enumeration, integer, type Shape, string } from "../shapes/index.ts"

/**
 * One setting, declared once: flags, environment variables, the settings file, `--help` and the reference page all come
 * from it. `T` is its value; `D` is `undefined` when it may be absent, else the type of its default.
 */
export interface Setting<T, D extends T | undefined> {
  /** In kebab-case, with its unit: `--NAME` on the command line, `NAME:` in the file. */
  readonly name: string
  /** Environment variables that set it; the first that is there and not empty counts. */
  readonly variables: readonly string[]
  /** Its documentation and its limits. */
  readonly shape: Shape<T>
  /** What may be given, in words that follow "expected" or stand in a reference page. */
  readonly expected: string
  /**
   * Whether it holds several entries, `NAME=VALUE`: its flag may be given several times, the file has a mapping, and its text
   * has one a line.
   */
  readonly isMapping: boolean
  /** What `--help` puts after the flag, such as `--data-folder FOLDER`; undefined for a flag that stands alone. */
  readonly valueName: string | undefined
  readonly default: D
  /** Every source gives text: this is what `shape` reads. Text that cannot be converted is passed on as it is. */
  readonly fromText: (text: string) => unknown
}

/** What a setting is read as. */
export type SettingValue<S> = S extends Setting<infer T, infer D> ? (undefined extends D ? T | undefined : T) : never

interface Declaration<D> {
  readonly name: string
  readonly doc: string
  readonly default: D
  /** For a setting that the AWS SDKs have standard variables for: those, in their order, and no one of ours. */
  readonly variables?: readonly string[]
}

/** A setting that is any text that matches `pattern`, which `expected` puts in words. */
export function text<D extends string | undefined>(
  declaration: Declaration<D> & { readonly pattern: string; readonly expected: string; readonly valueName: string },
): Setting<string, D> {
  return {
    ...common(declaration),
    shape: string(declaration.doc, { pattern: declaration.pattern }),
    expected: declaration.expected,
    valueName: declaration.valueName,
    fromText: (given) => given,
  }
}

/** A setting that is the address of an HTTP service. */
export function serviceUrl<D extends string | undefined>(declaration: Declaration<D>): Setting<string, D> {
  const expected = "an http:// or https:// URL without user, query or fragment"
  const shape = string(declaration.doc)
  return {
    ...common(declaration),
    shape: {
      ...shape,
      read(value, path, problems) {
        const given = shape.read(value, path, problems)
        if (given === undefined || isServiceUrl(given)) return given
        return problems.constraint(path, given, `Member must be ${expected}`)
      },
    },
    expected,
    valueName: "URL",
    fromText: (given) => given,
  }
}

function isServiceUrl(given: string): boolean {
  if (!URL.canParse(given)) return false
  const { protocol, username, password, search, hash } = new URL(given)
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ""
}

/** A setting that is a whole number, from `min` to `max`. */
export function wholeNumber<D extends number | undefined>(
  declaration: Declaration<D> & { readonly min: number; readonly max: number },
): Setting<number, D> {
  const { min, max } = declaration
  return {
    ...common(declaration),
    shape: integer(declaration.doc, { min, max }),
    expected: `a whole number from ${min} to ${max}`,
    valueName: "NUMBER",
    fromText: (given) => (/^-?\d+$/.test(given) ? Number(given) : given),
  }
}

/** A setting that is one of a few words, in upper or lower case as one likes. */
export function choice<const T extends string, D extends NoInfer<T> | undefined>(
  declaration: Declaration<D> & { readonly values: readonly T[] },
): Setting<T, D> {
  const { values } = declaration
  return {
    ...common(declaration),
    shape: enumeration(declaration.doc, values),
    expected: `one of ${values.join(", ")}`,
    valueName: values.join("|"),
    fromText: (given) => values.find((value) => value.toLowerCase() === given.toLowerCase()) ?? given,
  }
}

/** A setting that is any of a few words, or none: one after the other with commas between. */
export function choices<const T extends string>(
  declaration: Declaration<undefined> & { readonly values: readonly T[] },
): Setting<ReadonlySet<T>, undefined> {
  const { doc, values } = declaration
  const word = enumeration(doc, values)
  return {
    ...common(declaration),
    shape: {
      kind: "list",
      doc,
      sensitive: false,
      read(value, path, problems) {
        const words = Array.isArray(value) ? value.map((one) => word.read(one, path, problems)) : []
        const known = words.filter((one) => one !== undefined)
        return known.length === words.length ? new Set(known) : undefined
      },
    },
    expected: `any of ${values.join(", ")}, with commas between`,
    valueName: "NAME,...",
    fromText: (given) => given.split(/[,\s]+/).filter((one) => one !== ""),
  }
}

/** A setting that is on or off. */
export function toggle<D extends boolean | undefined>(declaration: Declaration<D>): Setting<boolean, D> {
  return {
    ...common(declaration),
    shape: boolean(declaration.doc),
    expected: "true or false",
    valueName: undefined,
    fromText: (given) => (given === "true" ? true : given === "false" ? false : given),
  }
}

/** A setting that maps names, each of which begins with "arn:", to texts that are not empty. */
export function arnMapping<D extends ReadonlyMap<string, string> | undefined>(
  declaration: Declaration<D> & { readonly arnPattern: RegExp; readonly expected: string; readonly valueName: string },
): Setting<ReadonlyMap<string, string>, D> {
  const { arnPattern, doc, expected, valueName } = declaration
  return {
    ...common(declaration),
    shape: {
      kind: "map",
      doc,
      sensitive: false,
      read(value, path, problems) {
        if (value instanceof Map) return value
        return problems.constraint(path, String(value), `Member must be ${expected}`)
      },
    },
    expected,
    isMapping: true,
    valueName,
    fromText(given) {
      // A target may have commas in it, but in one variable entries have to be told apart.
      const entries = given.split(/[,\n]\s*(?=arn:)/).map((entry) => /^([^=]+?)\s*=\s*(.*\S)\s*$/.exec(entry) ?? [])
      const mapped = new Map(entries.map(([, arn = "", target = ""]) => [arn, target]))
      const isRight = mapped.size === entries.length && [...mapped.keys()].every((arn) => arnPattern.test(arn))
      return isRight ? mapped : given
    },
  }
}

function common<D>({ name, default: fallback, variables }: Declaration<D>) {
  return {
    name,
    default: fallback,
    isMapping: false,
    variables: variables ?? [`HYDRANT_${name.toUpperCase().replaceAll("-", "_")}`],
  }
}
