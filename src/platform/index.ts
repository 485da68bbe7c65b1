/** The edge of the world: clock, randomness, disk. Their simulated twins are in simulated/. */
export { type Clock, systemClock } from "./clock.ts"
export type { Disk, DiskFile } from "./disk.ts"
export { type FolderLock, lockFolder } from "./folder-lock.ts"
export { isLoopback } from "./loopback.ts"
export { type Random, systemRandom } from "./random.ts"
export { errorCode, readFileIfThere, removeIfThere, replaceFile, unlessMissing } from "./replace-file.ts"
export { readSealedFile, writeSealedFile } from "./sealed-file.ts"
export { systemDisk } from "./system-disk.ts"
