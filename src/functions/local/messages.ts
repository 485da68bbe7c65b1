/** What a function's thread and who started it say to each other. */
import type { MessagePort } from "node:worker_threads"

/** What a thread is given when it is started. */
export interface ThreadStart {
  readonly settings: ThreadSettings
  /** Not the thread's own, which what the module imports may take for its own. */
  readonly port: MessagePort
}

export interface ThreadSettings {
  /** URL of the module. */
  readonly module: string
  /** Bytes that objects may take, and that buffers may. */
  readonly memoryBytesMax: number
}

/** To the thread: one at a time. */
export interface Invoke {
  /** Of the context that the handler is given: names as AWS has them. */
  readonly context: {
    readonly functionName: string
    readonly functionVersion: string
    readonly invokedFunctionArn: string
    readonly awsRequestId: string
  }
  /** JSON. */
  readonly payload: Uint8Array
  readonly timeoutMs: number
}

/** From the thread, one for each. */
export type Ended =
  | { readonly kind: "returned"; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly kind: "tooLarge"; readonly sizeBytes: number }
  | {
      readonly kind: "threw"
      readonly error: string
      /** Whether the module could not even be loaded: Node remembers that, so the thread is of no more use. */
      readonly isUnusable: boolean
    }
