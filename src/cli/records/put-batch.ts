import { type FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose"
import type { Clock, Random } from "../../platform/index.ts"
import type { RecordToPut } from "./batcher.ts"

export interface PutBatchOptions {
  readonly client: Pick<FirehoseClient, "send">
  readonly streamName: string
  readonly clock: Pick<Clock, "sleep">
  readonly random: Pick<Random, "fraction">
}

export interface PutBatchOutcome<R> {
  /** How many puts it took. */
  readonly requestCount: number
  /** Those that were refused to the last, with the code of the last refusal. Empty when all are stored. */
  readonly refused: readonly R[]
  readonly refusalCode: string
}

const attemptsMax = 8
const backoffMs = { first: 100, max: 5_000 } as const

/**
 * Puts a batch; the records that the server refuses, which is usual when it is asked for more than its quota, are put again
 * with growing pauses. A call that fails as a whole was repeated by the SDK already, and is thrown.
 */
export async function putBatch<R extends RecordToPut>(
  { client, streamName, clock, random }: PutBatchOptions,
  batch: readonly R[],
): Promise<PutBatchOutcome<R>> {
  let left = batch
  for (let attempt = 1; ; attempt++) {
    const { FailedPutCount, RequestResponses } = await client.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: streamName,
        Records: left.map(({ data }) => ({ Data: data })),
      }),
    )
    if (FailedPutCount === 0) return { requestCount: attempt, refused: [], refusalCode: "" }
    const answers = RequestResponses ?? []
    left = left.filter((_, index) => answers[index]?.RecordId === undefined)
    if (attempt === attemptsMax) {
      const refusalCode = answers.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? "no reason given"
      return { requestCount: attempt, refused: left, refusalCode }
    }
    const pauseMs = Math.min(backoffMs.max, backoffMs.first * 2 ** (attempt - 1))
    await clock.sleep(pauseMs * (0.5 + random.fraction() / 2))
  }
}
