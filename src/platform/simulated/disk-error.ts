const messages: Readonly<Record<string, string>> = {
  EBADF: "bad file descriptor",
  EBUSY: "resource busy or locked",
  EEXIST: "file already exists",
  EIO: "i/o error",
  EISDIR: "illegal operation on a directory",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
  EROFS: "read-only file system",
}

/** A failure as Node reports it. */
export class DiskError extends Error {
  readonly code: string

  constructor(code: string, operation: string, path: string) {
    super(`${code}: ${messages[code] ?? "unknown error"}, ${operation} '${path}'`)
    this.name = "DiskError"
    this.code = code
  }
}
