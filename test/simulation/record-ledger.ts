import assert from "node:assert/strict"
import { locateRecord } from "../../src/ingest/index.ts"
import { linesIn } from "./lines-in.ts"
import { backupPrefix } from "./processed-configuration.ts"

interface KnownRecord {
  readonly streamName: string
  /** Undefined as long as it was not acknowledged. */
  position: number | undefined
  /** Its stream was deleted: it need not be delivered. */
  dropped: boolean
}

export interface Excused {
  /** What functions dropped, as it was put. */
  readonly dropped: ReadonlySet<string>
  /** Records that were counted as damaged, where more than a put may be lost by one bit. */
  readonly countedMax: number
}

const nothing: Excused = { dropped: new Set(), countedMax: 0 }

const nameLength = 24
/** What a record begins with: JSON, or what looks like it and is none. */
const [opening, wrongOpening] = ['{"record":"', '{"record"!"']

/**
 * Every record that was put and every RecordId that was given out, over all lives of the process: the truth that the
 * objects in the store are compared with. A record is a line of JSON whose one member begins unlike every other one's.
 */
export class RecordLedger {
  readonly #records = new Map<string, KnownRecord>()
  readonly #ids = new Set<string>()

  #lostMax = 0

  /** A stored bit of the log was changed: one put may be lost by it, of at most so many records. */
  bitFlipped(recordsPerPutMax: number): void {
    this.#lostMax += recordsPerPutMax
  }

  get acknowledgedCount(): number {
    return [...this.#records.values()].filter((record) => record.position !== undefined).length
  }

  /** Makes the next record of a stream. */
  next(streamName: string, sizeBytes: number, isJson = true): Buffer {
    const name = `${streamName} ${this.#records.size}`.padEnd(nameLength)
    this.#records.set(name, { streamName, position: undefined, dropped: false })
    return Buffer.from(`${isJson ? opening : wrongOpening}${name.padEnd(sizeBytes - 14, "x")}"}\n`)
  }

  /** `put` was answered with these ids. */
  acknowledge(put: readonly Buffer[], recordIds: readonly string[]): void {
    assert.equal(recordIds.length, put.length, "There is one id for each record")
    for (const [index, bytes] of put.entries()) {
      const id = recordIds[index] ?? ""
      assert(!this.#ids.has(id), `The record id ${id} was given out twice`)
      this.#ids.add(id)
      this.#known(nameIn(bytes.toString("latin1"))).position = locateRecord(id)?.position
    }
  }

  /** A stream is being deleted: what it has not delivered is dropped with it. */
  drop(streamName: string): void {
    for (const record of this.#records.values()) if (record.streamName === streamName) record.dropped = true
  }

  /**
   * Compares the objects with what was acknowledged: nothing is missing, nothing is there twice, nothing went to another
   * stream's objects, and within an object records keep their order. A record may be in an error object in place of one with
   * data; and it may be missing when a function that it went through has dropped it (`excused`). Backups are held
   * against the same, by themselves, but for what is missing: they begin when they are turned on.
   *
   * Of a log with flipped bits the puts that were hit may be missing; and what is left of a batch whose object may be there
   * already goes to another object (partition-delivery.ts), so records may be there twice.
   */
  async compare(objects: ReadonlyMap<string, string>, { dropped, countedMax }: Excused = nothing): Promise<void> {
    const delivered = new Map<string, string>()
    const backedUp = new Map<string, string>()
    for (const [key, content] of objects) {
      const places = key.includes(`/${backupPrefix}`) ? backedUp : delivered
      this.#compareObject(key, await linesIn(key, content), places)
    }
    const droppedNames = new Set([...dropped].map(nameIn))
    const missing = [...this.#records]
      .filter(
        ([name, { position, dropped: isDropped }]) => position !== undefined && !isDropped && !delivered.has(name),
      )
      .filter(([name]) => !droppedNames.has(name))
      .map(([name, { position }]) => `${name} at ${position}`)
    const lostMax = Math.max(this.#lostMax, countedMax)
    assert(missing.length <= lostMax, `Acknowledged records are missing: ${missing.join(", ")}`)
  }

  #compareObject(key: string, lines: readonly string[], places: Map<string, string>): void {
    let last = -1
    for (const line of lines.map((one) => (key.includes("/errors/") ? failedRecord(one) : one))) {
      const name = nameIn(line)
      const { streamName, position } = this.#known(name)
      assert(key.includes(`/${streamName}/`), `"${name}" is in "${key}"`)
      assert(!places.has(name) || this.#lostMax > 0, `Repeated: "${name}" is in "${places.get(name)}" and in "${key}"`)
      places.set(name, key)
      if (position === undefined) continue
      assert(position > last, `"${name}" is out of order in "${key}"`)
      last = position
    }
  }

  #known(name: string): KnownRecord {
    const record = this.#records.get(name)
    assert(record !== undefined, `Nobody put "${name}"`)
    return record
  }
}

/** The record that is in the error output. */
function failedRecord(line: string): string {
  const { rawData } = JSON.parse(line) as { readonly rawData: string }
  return Buffer.from(rawData, "base64").toString("latin1").trimEnd()
}

function nameIn(line: string): string {
  assert(line.startsWith(opening) || line.startsWith(wrongOpening), `It is no record: "${line}"`)
  const name = line.slice(opening.length, opening.length + nameLength)
  assert.equal(name.length, nameLength, `A record is cut: "${line}"`)
  return name
}
