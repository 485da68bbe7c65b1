/** Processes that take puts beside the server's own, each into a partition of its own. */
export { forkIngestProcess } from "./fork.ts"
export type { Child } from "./ingest-process.ts"
export { IngestProcesses, type IngestProcessesOptions } from "./ingest-processes.ts"
export { KnownStreams } from "./known-streams.ts"
export { PartitionWriter, type PartitionWriterOptions } from "./partition-writer.ts"
export type { IngestProcedures, IngestProcessStart, ServerProcedures } from "./procedures.ts"
