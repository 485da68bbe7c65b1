/** Load on an endpoint, as clients would put it: signed requests, connections, pace, and what became of it all. */
export { HttpConnection } from "./http-connection.ts"
export type { Latencies } from "./latencies.ts"
export { runLoad } from "./load.ts"
export { RecentLoad } from "./progress.ts"
export { type LoadResult, reportJson, reportLines } from "./report.ts"
export { type PutOperation, type PutShape, SignedPuts } from "./signed-puts.ts"
export { Tally } from "./tally.ts"
