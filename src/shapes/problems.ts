/** One thing that is wrong with a value from outside. */
export type Problem =
  /** The JSON type is another one, or a blob is not base64: AWS calls it a SerializationException. */
  | { readonly kind: "type"; readonly path: string; readonly message: string }
  /** The type is right and a limit is not kept: AWS calls it a ValidationException. */
  | { readonly kind: "constraint"; readonly path: string; readonly message: string }

/** AWS stops after ten entries (spec/api.md, section 1.6). */
const listedMax = 10

/** Collects what is wrong with one value, in the order in which the shapes declare their members. */
export class Problems {
  readonly #found: Problem[] = []

  get found(): readonly Problem[] {
    return this.#found
  }

  /** Reports a wrong JSON type, in the words of spec/api.md, section 1.5. */
  type(path: string, message: string): undefined {
    this.#found.push({ kind: "type", path, message })
    return undefined
  }

  /** Reports a broken limit, in the words of spec/api.md, section 1.6. `shown` is undefined for a sensitive value. */
  constraint(path: string, shown: string | undefined, constraint: string): undefined {
    const value = shown === undefined ? "Value" : shown === "null" ? "Value null" : `Value ${quoted(shown)}`
    this.#found.push({
      kind: "constraint",
      path,
      message: `${value} at '${path}' failed to satisfy constraint: ${constraint}`,
    })
    return undefined
  }
}

/** A value inside a message: cut, because a client with a small buffer reads it and a log keeps it. */
function quoted(value: string): string {
  return value.length <= 256 ? `'${value}'` : `'${value.slice(0, 256)}...'`
}

/** The text of a ValidationException for all constraint problems: spec/api.md, section 1.6. */
export function validationMessage(problems: readonly Problem[]): string {
  const listed = problems.filter((problem) => problem.kind === "constraint").slice(0, listedMax)
  const count = listed.length
  return `${count} validation error${count === 1 ? "" : "s"} detected: ${listed.map((problem) => problem.message).join("; ")}`
}
