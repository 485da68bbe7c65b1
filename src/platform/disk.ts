/**
 * The disk, reduced to what Hydrant needs and what a simulation can imitate faithfully.
 *
 * What survives a crash: the bytes of a file that `sync` covered; the name of a file, a rename or a removal once the
 * folder that holds the name was synced with `syncFolder`. Anything else may be there afterwards, in part, or not.
 *
 * Failures are Node's: an Error with a `code` such as ENOENT, ENOSPC, EIO or EROFS.
 */
export interface Disk {
  /**
   * - `read`: an existing file, for reading only.
   * - `update`: an existing file, for reading and writing.
   * - `create`: a new, empty file for reading and writing; EEXIST when there is one.
   * - `create-durable`: the same, and what is written to it is durable once the write resolves, for less than a write and
   *   a sync cost. After a write of it that failed, nothing that was not durable before can be trusted, as after a sync.
   * - `create-secret`: as `create`, and nobody but the server's user may read it.
   */
  open(path: string, mode: DiskFileMode): Promise<DiskFile>
  /** The names in a folder, sorted; ENOENT when there is no such folder. */
  list(folder: string): Promise<string[]>
  /** Makes a folder and those above it, and syncs the folders that hold the new names. No error when it is there. */
  makeFolder(folder: string): Promise<void>
  /** Gives a file or folder another name, replacing a file that has it. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file; ENOENT when there is none. */
  remove(path: string): Promise<void>
  /** Removes a folder with everything in it; no error when there is none. */
  removeFolder(folder: string): Promise<void>
  /** Makes the names in a folder durable: files created, renamed and removed in it. */
  syncFolder(folder: string): Promise<void>
  /** Bytes that can still be written to the disk that holds `path`. */
  freeBytes(path: string): Promise<number>
}

export type DiskFileMode = "read" | "update" | "create" | "create-durable" | "create-secret"

export interface DiskFile {
  readonly path: string
  size(): Promise<number>
  /** Fills `target` from `offset` on; returns how many bytes there were, less than asked only at the file's end. */
  read(target: Uint8Array, offset: number): Promise<number>
  /** Writes all `chunks` one after the other from `offset` on, or throws, having written any part of them. */
  write(chunks: readonly Uint8Array[], offset: number): Promise<void>
  /** Makes what was written durable (fdatasync: data and size). After a failure nothing unsynced can be trusted. */
  sync(): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  /** May be called twice. */
  close(): Promise<void>
}
