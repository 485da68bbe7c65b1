/** Delivery in a thread of its own, so that it and ingest have a core each. */
export { DeliveryThread, type DeliveryThreadOptions } from "./delivery-thread.ts"
export { FollowedStreams } from "./followed-streams.ts"
export type { DeliveryProcedures, MainProcedures } from "./procedures.ts"
export { spawnDeliveryThread } from "./spawn.ts"
