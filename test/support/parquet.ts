import { parquetReadObjects } from "hyparquet"
import { compressors } from "hyparquet-compressors"

/** The rows of a file in memory, by hyparquet. Binary columns as bytes. */
export async function rowsInMemory(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const file = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(file).set(bytes)
  return parquetReadObjects({ file, compressors, utf8: false })
}
