/** Delivery of all streams: one loop for each partition. */
export interface Delivery {
  /**
   * Closes the buffers of a stream now and resolves when everything that was acknowledged before the call is delivered,
   * or when `signal` is aborted. Answers undefined when the stream is not being delivered (unknown, paused).
   */
  flush(streamName: string, signal: AbortSignal): Promise<FlushOutcome | undefined>
}

export interface FlushOutcome {
  /** False when `signal` ended the wait. */
  readonly complete: boolean
  /** What was delivered meanwhile. */
  readonly delivered: readonly DeliveredObject[]
}

export interface DeliveredObject {
  readonly location: string
  readonly recordCount: number
  readonly sizeBytes: number
}
