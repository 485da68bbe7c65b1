import assert from "node:assert/strict"
import type { Catalog, StreamDefinition } from "../../src/streams/index.ts"
import { isDiskFailure } from "./is-disk-failure.ts"

/**
 * What a stream's definition can be told by: the number of the change that made it, kept in a tag, and in a data key as
 * well: a key that is lost is every record that it sealed.
 */
type Mark = string
const absent: Mark = "absent"

export type CatalogChange = "create" | "change" | "remove"

/**
 * What a catalog was asked and what it answered, over all lives of the process: the truth that the catalog is compared
 * with. Changes of one name must be asked one after the other.
 */
export class CatalogLedger {
  #changeCount = 0
  answeredCount = 0
  /** What each name may be found as at the next start. The first one is what was last answered. */
  readonly #possible = new Map<string, readonly Mark[]>()

  constructor(names: readonly string[]) {
    for (const name of names) this.#possible.set(name, [absent])
  }

  /** Each stream must be as the last answered change left it, or as one that was not answered would have. */
  check(catalog: Catalog): void {
    for (const [name, possible] of this.#possible) {
      const found = markOf(catalog.find(name))
      assert(possible.includes(found), `"${name}" is ${found} after a start, and can only be ${possible.join(" or ")}`)
      // What a start shows must stay.
      this.#possible.set(name, [found])
    }
  }

  /** Asks for a change. A failure of the disk is expected, and must change nothing that is seen. */
  async ask(catalog: Catalog, name: string, change: CatalogChange): Promise<void> {
    const before = this.#possible.get(name) ?? []
    const number = ++this.#changeCount
    const wanted = wantedMarks[change](number)
    this.#possible.set(name, [...before, wanted])
    try {
      const taken = await askFor(catalog, name, change, String(number))
      const now = taken ? [wanted] : before
      this.#possible.set(name, now)
      assert.equal(markOf(catalog.find(name)), now[0], `"${name}" as the catalog shows it`)
      this.answeredCount++
    } catch (error) {
      if (!isDiskFailure(error)) throw error
      assert.equal(markOf(catalog.find(name)), before[0], `"${name}" as the catalog shows it after a failed change`)
    }
  }
}

/** Answers false when the change was refused: the stream is there already, or is not there. */
async function askFor(catalog: Catalog, name: string, change: CatalogChange, number: string): Promise<boolean> {
  const tags = [{ key: number }]
  switch (change) {
    case "create": {
      const destination = { id: "destinationId-000000000001", kind: "s3", configuration: { padding: "x".repeat(600) } }
      return (await catalog.create({ name, destination, tags })).kind === "created"
    }
    case "change":
      return (
        (await catalog.change(name, (current) => ({
          ...current,
          tags,
          encryption: {
            ...current.encryption,
            dataKeys: [{ id: "", key: { type: "AWS_OWNED_CMK" }, wrapped: number }],
          },
        }))) !== undefined
      )
    case "remove":
      await catalog.remove(name)
      return true
  }
}

function markOf(definition: StreamDefinition | undefined): Mark {
  if (definition === undefined) return absent
  return mark(definition.tags[0]?.key, definition.encryption.dataKeys[0]?.wrapped)
}

function mark(tag: string | undefined, key: string | undefined): Mark {
  return `made by ${tag}, with the key of ${key}`
}

/** What each change must leave: a create brings no key. */
const wantedMarks = {
  create: (number: number) => mark(String(number), undefined),
  change: (number: number) => mark(String(number), String(number)),
  remove: () => absent,
} as const satisfies Record<CatalogChange, (number: number) => Mark>
