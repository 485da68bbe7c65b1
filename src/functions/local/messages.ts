/** What a function's process and who started it say to each other. */

/** To the process: one at a time. */
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

/** From the process, one for each. */
export type Ended =
  | { readonly kind: "returned"; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly kind: "tooLarge"; readonly sizeBytes: number }
  | {
      readonly kind: "threw"
      readonly error: string
      /**
       * Whether the process is of no more use: the module could not be loaded, which Node remembers, or nobody caught what
       * was thrown. Then it may be said at any time.
       */
      readonly isUnusable: boolean
    }
