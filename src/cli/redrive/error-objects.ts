import fs from "node:fs/promises"
import path from "node:path"
import type { Settings } from "../../config/index.ts"
import { createFolderReader, type ListedObject, type ObjectReader, openS3Reader } from "../../objects/index.ts"
import { CommandError, systemCode } from "../failure.ts"

/** Where error objects are read from. */
export interface ErrorObjects {
  readonly reader: ObjectReader
  list(signal: AbortSignal): AsyncIterable<ListedObject>
  /** Where an object is, for a person. */
  locationOf(key: string): string
  /** The same, with the store that it is in: unlike any other object's. */
  idOf(key: string): string
}

/** While records are put, an object's body waits to be read on. */
const requestTimeoutMs = 600_000
const connectTimeoutMs = 10_000

/**
 * Opens what a person named: `s3://BUCKET/PREFIX`, a folder, or a file. `loadSettings` is asked where buckets are.
 * @throws CommandError when there is no such thing
 */
export async function openErrorObjects(
  given: string,
  workingFolder: string,
  loadSettings: () => Promise<Settings>,
): Promise<ErrorObjects> {
  if (/^[a-z0-9]+:\/\//i.test(given)) return openBucket(given, await loadSettings())
  const place = path.resolve(workingFolder, given)
  const real = await fs.realpath(place).catch((error: unknown) => {
    throw new CommandError(`Cannot read "${given}": ${reason(error)}`, sourceHelp, { cause: error })
  })
  const isFolder = (await fs.stat(real)).isDirectory()
  const folder = isFolder ? real : path.dirname(real)
  const reader = createFolderReader({ folder, names: "plain" })
  if (isFolder) return inFolder(reader, folder, (signal) => reader.list("", signal))
  const key = path.basename(real)
  return inFolder(reader, folder, (signal) => only(key, reader.list(key, signal)))
}

const sourceHelp = "Give a file or a folder with error objects, or s3://BUCKET/PREFIX"

async function openBucket(url: string, settings: Settings): Promise<ErrorObjects> {
  const [, bucket, prefix = ""] = /^s3:\/\/([\w.-]+)(?:\/(.*))?$/s.exec(url) ?? []
  if (bucket === undefined) throw new CommandError(`"${url}" is not the place of error objects`, sourceHelp)
  if (settings.s3Endpoint === undefined) {
    const given = path.resolve(settings.dataFolder, "buckets", bucket)
    const folder = await fs.realpath(given).catch((error: unknown) => {
      throw new CommandError(
        `Cannot read bucket "${bucket}": ${reason(error)} at "${given}"`,
        "Without an S3 endpoint a bucket is a folder: say where with --data-folder, or which store has it with --s3-endpoint",
        { cause: error },
      )
    })
    const reader = createFolderReader({ folder, names: "escaped" })
    return inFolder(reader, folder, (signal) => reader.list(prefix, signal))
  }
  const endpoint = settings.s3Endpoint
  const store = {
    region: settings.region,
    endpoint,
    forcePathStyle: settings.s3PathStyle,
    requestChecksumCalculation: settings.s3ChecksumCalculation,
    connectTimeoutMs,
    requestTimeoutMs,
  }
  const reader = await openS3Reader(store, bucket)
  const locationOf = (key: string) => `s3://${bucket}/${key}`
  return {
    reader,
    list: (signal) => reader.list(prefix, signal),
    locationOf,
    idOf: (key) => `${locationOf(key)} at ${new URL(endpoint).href}`,
  }
}

function inFolder(reader: ObjectReader, folder: string, list: ErrorObjects["list"]): ErrorObjects {
  const locationOf = (key: string) => `${folder}${path.sep}${key}`
  return { reader, list, locationOf, idOf: locationOf }
}

async function* only(key: string, objects: AsyncIterable<ListedObject>): AsyncGenerator<ListedObject> {
  for await (const object of objects) if (object.key === key) yield object
}

function reason(error: unknown): string {
  switch (systemCode(error)) {
    case "ENOENT":
      return "there is no such file or folder"
    case "EACCES":
      return "you may not read it"
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
