import { errorCode } from "../../platform/index.ts"
import { type Failure, reasonOf } from "../attempt.ts"

/** What a failure of the disk means for whoever runs the server, and what to do. Codes: spec/observability.md, section 3. */
export function diskFailure(error: unknown): Failure {
  const code = errorCode(error)
  const known = code === undefined ? undefined : failures[code]
  if (known === undefined) return { code: "InternalError", reason: reasonOf(error) }
  return { ...known, reason: `${known.reason} (${reasonOf(error)})` }
}

const failures: Readonly<Record<string, Failure>> = {
  EACCES: {
    code: "S3.AccessDenied",
    reason: "Hydrant may not write there; give its user the right to write to the bucket's folder",
  },
  EPERM: {
    code: "S3.AccessDenied",
    reason: "Hydrant may not write there; give its user the right to write to the bucket's folder",
  },
  EROFS: { code: "S3.AccessDenied", reason: "the file system is mounted read-only; mount it for writing" },
  ENOSPC: { code: "InternalError", reason: "the disk is full; free some space on it", outOfSpace: true },
  EDQUOT: {
    code: "InternalError",
    reason: "the disk quota is used up; free some space or raise it",
    outOfSpace: true,
  },
  EXDEV: {
    code: "InternalError",
    reason: "the bucket's folder is on another file system than the folder of all buckets; keep them on the same one",
  },
  ENOENT: { code: "InternalError", reason: "a folder was removed meanwhile; it will be made again" },
  ENAMETOOLONG: { code: "InternalError", reason: "the path is longer than the system allows; use a shorter prefix" },
  EISDIR: {
    code: "InternalError",
    reason: "the folder store cannot have an object where it has a folder, made for longer keys; use another prefix",
  },
  ENOTDIR: {
    code: "InternalError",
    reason: "the folder store cannot have a folder where it has an object; use another prefix or remove that object",
  },
  EEXIST: {
    code: "InternalError",
    reason: "the folder store cannot have a folder where it has an object; use another prefix or remove that object",
  },
}
