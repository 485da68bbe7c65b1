/**
 * Servers, or whatever stands beside them, that do the same work in turns, round by round, so that what else the machine does
 * hits all; a ratio is that of one round, and the median of them is shown.
 */

import { formatCount } from "../src/cli/quantities.ts"
import type { Column } from "../src/cli/table.ts"
import { duringMs, runLoad } from "./load.ts"
import type { ServerProcess } from "./server-processes.ts"
import { signedRequest } from "./signed-requests.ts"
import { median, medianRatio, quantile } from "./statistics.ts"

/** What one contender did in one round. */
export interface Round {
  readonly requestsPerSecond: number
  readonly latenciesMs: readonly number[]
  /** Of all its threads; undefined of a contender that does not tell. */
  readonly cpuUsPerRequest: number | undefined
}

export interface Contender {
  readonly name: string
  readonly rounds: Round[]
  measure(durationMs: number): Promise<Round> | Round
}

export interface Puts {
  readonly operation: "PutRecord" | "PutRecordBatch"
  readonly bodies: readonly string[]
  readonly connectionCount: number
}

/** A server that is to take puts. They are signed for `signedFor`, if that is not the server itself. */
export function putContender(
  name: string,
  server: Pick<ServerProcess, "apiUrl"> & Partial<Pick<ServerProcess, "use">>,
  { operation, bodies, connectionCount }: Puts,
  signedFor: string = server.apiUrl,
): Contender {
  return {
    name,
    rounds: [],
    async measure(durationMs) {
      const requests = await Promise.all(bodies.map((body) => signedRequest(signedFor, operation, body)))
      const before = await server.use?.()
      const result = await runLoad({ url: server.apiUrl, connectionCount, requests, more: duringMs(durationMs) })
      const after = await server.use?.()
      const isTold = before !== undefined && after !== undefined
      return {
        requestsPerSecond: (result.requestCount / result.elapsedMs) * 1000,
        latenciesMs: result.latenciesMs,
        cpuUsPerRequest: isTold
          ? ((after.cpuSeconds - before.cpuSeconds) / result.requestCount) * 1_000_000
          : undefined,
      }
    },
  }
}

export interface TurnOptions {
  readonly roundCount: number
  readonly durationMs: number
  progress(text: string): void
}

/** Has each measure once a round, in an order that changes. The first round warms up: compilers, files, connections. */
export async function takeTurns(contenders: readonly Contender[], options: TurnOptions): Promise<void> {
  const { roundCount, durationMs, progress } = options
  for (let round = 0; round <= roundCount; round++) {
    progress(`round ${round} of ${roundCount}`)
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const result = await contender.measure(durationMs)
      if (round > 0) contender.rounds.push(result)
    }
  }
}

/** `first`: how the first contender does against each; `each`: how each does against the first. */
export type RatioOf = "first" | "each"

export function roundColumns(ratioTitle: string): readonly Column[] {
  return [
    { title: "" },
    { title: "requests/s", align: "right" },
    { title: "records/s", align: "right" },
    { title: "p50 ms", align: "right" },
    { title: "p99 ms", align: "right" },
    { title: "CPU us/request", align: "right" },
    { title: ratioTitle, align: "right" },
    { title: "by CPU", align: "right" },
  ]
}

/** A ratio is above 1 where the one that it is of does better: more requests, less CPU time for one. */
export function roundRows(contenders: readonly Contender[], recordsPerRequest: number, ratioOf: RatioOf): string[][] {
  const rates = (rounds: readonly Round[]) => rounds.map((round) => round.requestsPerSecond)
  const costs = (rounds: readonly Round[]) => rounds.map((round) => round.cpuUsPerRequest ?? Number.NaN)
  const first = contenders[0]?.rounds ?? []
  return contenders.map(({ name, rounds }) => {
    const [one, other] = ratioOf === "first" ? [first, rounds] : [rounds, first]
    const cost = median(costs(rounds))
    return [
      name,
      formatCount(median(rates(rounds))),
      formatCount(median(rates(rounds)) * recordsPerRequest),
      median(rounds.map(({ latenciesMs }) => median(latenciesMs))).toFixed(2),
      median(rounds.map(({ latenciesMs }) => quantile(latenciesMs, 0.99))).toFixed(2),
      Number.isNaN(cost) ? "-" : formatCount(cost),
      medianRatio(rates(one), rates(other)).toFixed(2),
      Number.isNaN(cost) ? "-" : medianRatio(costs(other), costs(one)).toFixed(2),
    ]
  })
}
