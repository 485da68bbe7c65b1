import path from "node:path"
import { type Disk, readSealedFile, writeSealedFile } from "../platform/index.ts"
import { type RowSchema, type RowSchemaId, readRowSchema, rowSchemaId, storedRowSchema } from "./row-schema.ts"

/** Keeps the schemas that records were checked against, for when those records are made into files. */
export interface RowSchemas {
  /** Durable when it resolves. A schema that is there already costs nothing. */
  keep(schema: RowSchema): Promise<RowSchemaId>
  /** @throws Error when it is gone or damaged */
  find(id: RowSchemaId): Promise<RowSchema>
}

/**
 * Schemas as files of one folder. They are a few kilobytes each and seldom change, and are kept for good: what still needs one may
 * be in any spool.
 */
export class RowSchemaFolder implements RowSchemas {
  readonly #disk: Disk
  readonly #folder: string
  readonly #known = new Map<RowSchemaId, RowSchema>()
  /** One write at a time: two of the same file would be in each other's way. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  async keep(schema: RowSchema): Promise<RowSchemaId> {
    const id = rowSchemaId(schema)
    if (this.#known.has(id)) return id
    const kept = this.#last.then(() => this.#write(id, schema))
    // Whoever comes next is not concerned by a failure of this one.
    this.#last = kept.catch(() => {})
    await kept
    return id
  }

  async find(id: RowSchemaId): Promise<RowSchema> {
    const known = this.#known.get(id) ?? (await this.#read(id))
    this.#known.set(id, known)
    return known
  }

  /** One that is there from an earlier life is written anew: it may be damaged, and would be found so only when it is needed. */
  async #write(id: RowSchemaId, schema: RowSchema) {
    if (this.#known.has(id)) return
    await this.#disk.makeFolder(this.#folder)
    for (const file of this.#filesOf(id)) await writeSealedFile(this.#disk, file, storedRowSchema(schema))
    this.#known.set(id, schema)
  }

  async #read(id: RowSchemaId): Promise<RowSchema> {
    const problems: unknown[] = []
    for (const file of this.#filesOf(id)) {
      try {
        const stored = await readSealedFile(this.#disk, file)
        if (stored !== undefined) return readRowSchema(stored)
        problems.push(new Error(`"${file}" is gone`))
      } catch (error) {
        problems.push(error)
      }
    }
    throw new AggregateError(
      problems,
      `Records can't be converted: what they were checked by is lost (${problems.map(String).join("; ")}). It is written anew when a record is put to a stream of the same table`,
    )
  }

  /** Two, since all records that were checked by it hang on it. */
  #filesOf(id: RowSchemaId): readonly string[] {
    return [path.join(this.#folder, `${id}.schema`), path.join(this.#folder, `${id}.copy`)]
  }
}
