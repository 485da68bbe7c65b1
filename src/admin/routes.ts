import type { GaugeName } from "../observe/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import { type Answer, json, refusal } from "./answer.ts"
import type { AdminParts, AdminRequest } from "./parts.ts"
import { preview, previewBodyBytesMax } from "./preview.ts"
import { readTimeout, withTimeout } from "./timeout.ts"

export interface Route {
  readonly method: "GET" | "POST"
  /** NAME stands for a stream's name. */
  readonly path: string
  /** How long a body may be; undefined where none is read. */
  readonly bodyBytesMax?: number
  handle(parts: AdminParts, request: AdminRequest): Answer | Promise<Answer>
}

export const routes: readonly Route[] = [
  { method: "GET", path: "/health", handle: tellHealth },
  { method: "GET", path: "/health/live", handle: tellLive },
  { method: "GET", path: "/health/ready", handle: tellHealth },
  { method: "GET", path: "/metrics", handle: tellMetrics },
  { method: "GET", path: "/streams", handle: listStreams },
  { method: "POST", path: "/streams/NAME/flush", handle: flush },
  { method: "POST", path: "/streams/NAME/pause", handle: (parts, request) => enableDelivery(parts, request, false) },
  { method: "POST", path: "/streams/NAME/resume", handle: (parts, request) => enableDelivery(parts, request, true) },
  { method: "POST", path: "/streams/NAME/preview", bodyBytesMax: previewBodyBytesMax, handle: preview },
  { method: "POST", path: "/preview", bodyBytesMax: previewBodyBytesMax, handle: preview },
]

function tellHealth({ health }: AdminParts): Answer {
  const state = health()
  if (state.kind === "ready") return json(200, { live: true, ready: true, problems: state.problems })
  return json(503, { live: state.kind !== "dead", ready: false, reason: state.reason })
}

/** For a supervisor that restarts what is not live: starting and stopping are no reason for it. */
function tellLive({ health }: AdminParts): Answer {
  const state = health()
  return state.kind === "dead" ? json(503, { live: false, reason: state.reason }) : json(200, { live: true })
}

async function tellMetrics({ metrics }: AdminParts): Promise<Answer> {
  const { contentType, text } = await metrics.expose()
  return { status: 200, contentType, body: text }
}

async function listStreams({ catalog, metrics }: AdminParts): Promise<Answer> {
  const gauges = await metrics.gauges()
  return json(200, {
    streams: catalog.list().map((stream) => {
      const gauge = (name: GaugeName) => gauges.of(name, stream.name) ?? null
      return {
        ...summary(stream),
        backlogRecords: gauge("Hydrant.BacklogRecords"),
        oldestSeconds: gauge("DeliveryToS3.DataFreshness"),
        logBytes: gauge("Hydrant.LogBytes"),
      }
    }),
  })
}

function summary(stream: StreamDefinition): object {
  return {
    name: stream.name,
    status: stream.status.kind,
    deliveryEnabled: stream.deliveryEnabled,
    destination: stream.destination.kind,
  }
}

async function flush(parts: AdminParts, { streamName, query, signal }: AdminRequest): Promise<Answer> {
  const timeout = readTimeout(query, "a flush")
  if (timeout.kind === "refused") return timeout.answer
  const { seconds } = timeout
  const stream = parts.catalog.find(streamName)
  if (stream === undefined) return unknownStream(streamName)
  const outcome = await withTimeout(parts.clock, seconds, signal, (limit) => parts.delivery.flush(streamName, limit))
  if (outcome === undefined) return notDelivering(stream)
  if (outcome.complete) return json(200, outcome)
  return json(504, {
    message: `Not all of "${streamName}" was delivered within ${seconds} seconds`,
    help: "Nothing is lost and delivery goes on; the delivery error log and the server's log say what holds it up",
    ...outcome,
  })
}

function notDelivering({ name, deliveryEnabled, status }: StreamDefinition): Answer {
  if (!deliveryEnabled) {
    return refusal(
      409,
      `Cannot flush "${name}": its delivery is paused`,
      `Resume it first: hydrant resume ${name}, or POST /streams/${name}/resume`,
    )
  }
  return refusal(
    409,
    `Cannot flush "${name}": it is ${status.kind} and not being delivered`,
    status.kind === "ACTIVE" ? "GET /health and the server's log say why" : "Try again when its status is ACTIVE",
  )
}

async function enableDelivery({ catalog }: AdminParts, { streamName }: AdminRequest, deliveryEnabled: boolean) {
  const stream = await catalog.change(streamName, (current) => ({ ...current, deliveryEnabled }))
  return stream === undefined ? unknownStream(streamName) : json(200, summary(stream))
}

function unknownStream(name: string): Answer {
  return refusal(
    404,
    `There is no delivery stream "${name}"`,
    "Those that exist: hydrant streams list, or GET /streams",
  )
}
