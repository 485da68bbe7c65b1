import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar, type YAMLMap } from "yaml"

/** A file that somebody else has read. */
export interface NamedText {
  /** How messages call it. */
  readonly name: string
  readonly text: string
}

/** What hydrant.yaml says, before anybody has looked whether it makes sense. */
export interface SettingsFile {
  /** By the settings' names. */
  readonly given: ReadonlyMap<string, GivenText>
  /** What is declared: its entries are checked where their shapes are known. */
  readonly declared: Declared
  /** What is wrong with the file itself. */
  readonly problems: readonly string[]
}

export interface GivenText {
  /** As it is written: 000000000000 is an account, and not the number zero. */
  readonly text: string
  /** Where it was found, such as "hydrant.yaml, line 3". */
  readonly source: string
}

/** Lists in the file, by their names. */
export interface Declared {
  /** Inputs of CreateDeliveryStream. */
  readonly streams: readonly unknown[]
  /** Tables, whose columns records are converted to. */
  readonly tables: readonly unknown[]
}

export const nothingDeclared: Declared = { streams: [], tables: [] }

/** Reads hydrant.yaml: a mapping from the names in `known` to what each of them takes, and lists of what is declared. */
export function readSettingsFile(file: NamedText, known: ReadonlyMap<string, "value" | "mapping">): SettingsFile {
  const lines = new LineCounter()
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false })
  const given = new Map<string, GivenText>()
  const problems: string[] = []
  let declared = nothingDeclared
  const sourceAt = (offset = 0) => `${file.name}, line ${lines.linePos(offset).line}`

  // What the parser only warns of, such as a tag that it does not know, would be lost.
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    problems.push(`Cannot read ${sourceAt(pos[0])}: ${message}`)
  }
  if (problems.length > 0 || document.contents === null) return { given, declared, problems }
  if (!isMap<Node, Node | null>(document.contents)) {
    problems.push(`Cannot read ${file.name}: expected lines such as "listen-port: 4573"`)
    return { given, declared, problems }
  }
  for (const { key, value } of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : String(key)
    const source = sourceAt(key.range?.[0])
    if (isDeclared(name)) {
      if (isSeq(value)) {
        const entries = readEntries(() => value.toJS(document), `${name} (${source})`, problems)
        declared = { ...declared, [name]: entries }
      } else if (!isAbsent(value)) problems.push(`Cannot read ${name} (${source}): expected a list`)
    } else if (!known.has(name)) {
      problems.push(`Unknown setting "${name}" (${source}): hydrant serve --help lists those that there are`)
    } else if (isAbsent(value)) {
      // The same as no such line.
    } else if (known.get(name) === "mapping") {
      const text = isMap<Node, Node | null>(value) ? mappingText(value) : undefined
      if (text === undefined)
        problems.push(`Cannot set ${name} (${source}): expected lines such as "NAME: VALUE" below it`)
      else if (text !== "") given.set(name, { text, source })
    } else if (isScalar(value)) {
      given.set(name, { text: writtenText(value), source })
    } else {
      problems.push(`Cannot set ${name} (${source}): expected a single value`)
    }
  }
  return { given, declared, problems }
}

function isDeclared(name: string): name is keyof Declared {
  return Object.hasOwn(nothingDeclared, name)
}

/** An alias to nowhere, or aliases of aliases that would unfold to millions of values, come out as an exception. */
function readEntries(read: () => unknown, what: string, problems: string[]): readonly unknown[] {
  try {
    const entries = read()
    if (Array.isArray(entries)) return entries
    problems.push(`Cannot read ${what}: expected a list`)
  } catch (error) {
    problems.push(`Cannot read ${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return []
}

/** `name:` with nothing after it is the same as no such line. */
function isAbsent(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null)
}

/** A mapping as the text that flags give too; undefined when it maps to other things than single values. */
function mappingText({ items }: YAMLMap<Node, Node | null>): string | undefined {
  const lines = items.map(({ key, value }) =>
    isScalar(key) && isScalar(value) && !isAbsent(value) ? `${writtenText(key)}=${writtenText(value)}` : undefined,
  )
  return lines.includes(undefined) ? undefined : lines.join("\n")
}

/** YAML makes a number of 000000000000 and of 0x10; the text that stands there is what flags and variables give too. */
function writtenText(scalar: Scalar): string {
  return scalar.source ?? String(scalar.value)
}
