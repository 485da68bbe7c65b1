/** Formats of objects: how their bytes are compressed. */
export { compression, compressions } from "./compression/compressions.ts"
export { detectCompression, detectionBytes } from "./compression/detect.ts"
