/** The loop of a stream: read, buffer, decide, deliver, checkpoint, retry. See delivery.ts for the words. */
export type { DeliveredObject, Delivery, FlushOutcome } from "./delivery.ts"
export { createDelivery, type DeliveryOptions } from "./log-delivery.ts"
export type { DeliveryLimits } from "./partition-options.ts"
export type { PreviewedOutput, PreviewedStream, PreviewOutcome, PreviewRequest } from "./preview.ts"
