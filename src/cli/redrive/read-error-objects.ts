import { detectCompression, detectionBytes } from "../../formats/index.ts"
import { type ListedObject, ReadFailure } from "../../objects/index.ts"
import type { ErrorObjects } from "./error-objects.ts"
import { errorTypeOf, isManifest, manifestProblem, readErrorLine } from "./error-record.ts"
import { objectLines } from "./object-lines.ts"
import type { PutNotes } from "./put-notes.ts"
import { type Selection, select } from "./selection.ts"
import type { Tally } from "./tally.ts"

/** A source record that an error object holds, and where. */
export interface FailedRecord {
  readonly data: Uint8Array
  readonly errorType: string
  readonly errorCode: string
  readonly object: string
  readonly objectVersion: string
  readonly lineNumber: number
}

export interface ReadErrorObjectsParts {
  readonly objects: ErrorObjects
  readonly selection: Selection
  readonly notes: PutNotes
  readonly tally: Tally
  /** When the run began: what comes later may be what this run itself makes fail again, and is the next run's. */
  readonly startMs: number
  /** Called with where each object is, as it is begun. */
  onObject(location: string): void
}

/**
 * The records of error objects that are to be put: wanted, and not put before. What can't be put is counted in `tally`, and the
 * rest goes on. The objects are listed, read and decompressed while their records are asked for.
 *
 * @throws ReadFailure when the objects can't be listed
 */
export async function* readErrorObjects(
  { objects, selection, notes, tally, startMs, onObject }: ReadErrorObjectsParts,
  signal: AbortSignal,
): AsyncGenerator<FailedRecord> {
  for await (const listed of objects.list(signal)) {
    const location = objects.locationOf(listed.key)
    const errorType = [errorTypeOf(listed.key), errorTypeOf(location)].find((type) => type !== "unknown") ?? "unknown"
    if (selection.errorTypes?.includes(errorType) === false) continue
    if (listed.modifiedMs > startMs) {
      tally.newerObjectCount += 1
      continue
    }
    onObject(location)
    const tell = (problem: string) => tally.countProblem({ object: location, problem })
    if (isManifest(location)) {
      tell(manifestProblem)
      continue
    }
    const noted = { object: objects.idOf(listed.key), objectVersion: listed.version }
    const ever = notes.of(noted.object)
    const known = ever?.objectVersion === listed.version ? ever : undefined
    if (ever !== undefined && known === undefined && ever.lines.count > 0) {
      tell(
        `it changed since ${ever.lines.count} of its lines were put: which of those that it has now are new can't be told`,
      )
      continue
    }
    if (known?.lineCount !== undefined && known.lineCount === known.lines.count) {
      tally.putBeforeCount += known.lines.count
      continue
    }
    let lineCount = 0
    try {
      for await (const { lineNumber, text } of linesOf(objects, listed, signal)) {
        signal.throwIfAborted()
        lineCount += 1
        if (known?.lines.has(lineNumber)) {
          tally.putBeforeCount += 1
          continue
        }
        const tellLine = (problem: string) => tally.countProblem({ object: location, line: lineNumber, problem })
        if (text === undefined) {
          tellLine("it is longer than any error record")
          continue
        }
        const line = readErrorLine(text)
        if (line.kind === "problem") {
          tellLine(line.problem)
          continue
        }
        const selected = select(selection, line)
        if (selected.kind === "problem") tellLine(selected.problem)
        else if (selected.kind === "left-out") tally.leftOutCount += 1
        else yield { ...noted, data: line.data, errorType, errorCode: line.errorCode, lineNumber }
      }
      await notes.noteEnd(noted, lineCount)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      tell(lineCount === 0 ? error.message : `${error.message} (after ${lineCount} lines)`)
    }
  }
}

/** An object that could not be read to its end; others may be. */
class Unreadable extends Error {}

/** The lines of an object, whatever it is compressed with. @throws Unreadable */
async function* linesOf({ reader }: ErrorObjects, { key, version }: ListedObject, signal: AbortSignal) {
  const opened = await reader.open(key, signal).catch((error: unknown) => {
    throw unreadable(error, signal)
  })
  if (opened.version !== version) throw new Unreadable("it was replaced while it was read")
  const lines = objectLines(decompressed(opened.body, key, opened.contentEncoding))
  try {
    for (;;) {
      const next = await lines.next().catch((error: unknown) => {
        throw unreadable(error, signal)
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    await lines.return(undefined)
  }
}

function unreadable(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || !(error instanceof Error)) return error
  return new Unreadable(error instanceof ReadFailure ? error.message : `it can't be decompressed: ${error.message}`, {
    cause: error,
  })
}

async function* decompressed(
  body: AsyncIterable<Uint8Array>,
  name: string,
  contentEncoding: string | undefined,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  const rest = { [Symbol.asyncIterator]: () => chunks }
  try {
    let head = Buffer.alloc(0)
    while (head.byteLength < detectionBytes) {
      const next = await chunks.next()
      if (next.done) break
      head = Buffer.concat([head, next.value])
    }
    yield* detectCompression(head, { name, contentEncoding }).decompress(behind(head, rest))
  } finally {
    await chunks.return?.()
  }
}

async function* behind(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield* rest
}
