import type { Socket } from "node:net"
import type { Answer } from "../answer.ts"
import { BodyChunks } from "../body-chunks.ts"
import { answerText, refusalText } from "./answer-text.ts"
import type { LaneParts } from "./lane.ts"
import { type HeadFields, readHead } from "./request-head.ts"

/** What a connection waits for. */
type Phase =
  /** The rest of a head. */
  | { readonly kind: "head" }
  | ReceivingBody
  /** The API. How long that takes is for the API to bound. */
  | { readonly kind: "answer" }
  /** The client, to read the answers that were written. */
  | { readonly kind: "drain" }
  /** The first byte of the next request. */
  | { readonly kind: "next" }

interface ReceivingBody {
  readonly kind: "body"
  readonly fields: HeadFields
  /** What came of it; undefined when it is thrown away, since there was no room for it. */
  chunks: BodyChunks | undefined
  missingBytes: number
}

const head: Phase = { kind: "head" }
const answer: Phase = { kind: "answer" }
const drain: Phase = { kind: "drain" }
const next: Phase = { kind: "next" }

const nothing = Buffer.alloc(0)

/**
 * One connection in the lane: takes its requests one after the other, as long as they are in the lane's form. Of a client
 * that sends the next one before its answer, no more than a chunk or two are read meanwhile; of one that does not read its
 * answers, nothing is read until it does.
 */
export class LaneConnection {
  readonly #parts: LaneParts
  readonly #socket: Socket
  readonly #onLeave: () => void
  /** What came and belongs to no request yet. */
  #received: Buffer = nothing
  /** As Node does: who connects and sends nothing is given as long as for a head. */
  #phase: Phase = head
  /** When the request began, or the wait for the client to read or to send the next one. */
  #sinceMs: number
  /** This answer is the last one: the client sends no more, or the server stops. */
  #isLast = false

  /** `onLeave` is called once, when the connection is closed or handed over. */
  constructor(parts: LaneParts, socket: Socket, onLeave: () => void) {
    this.#parts = parts
    this.#socket = socket
    this.#onLeave = onLeave
    this.#sinceMs = parts.clock.elapsed()
    socket.on("data", this.#receive).on("end", this.#end).on("error", this.#fail).on("close", this.#closed)
  }

  /** Ends the connection with its next answer, or now when no request has begun. */
  close(): void {
    this.#isLast = true
    const isIdle = this.#phase === next || (this.#phase === head && this.#received.length === 0)
    if (isIdle) this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Ends the connection when what it waits for takes too long. */
  checkTime(nowMs: number): void {
    const { limits } = this.#parts
    const timeoutMs = {
      head: limits.headTimeoutMs,
      body: limits.requestTimeoutMs,
      answer: Number.POSITIVE_INFINITY,
      drain: limits.requestTimeoutMs,
      next: limits.keepAliveTimeoutMs,
    }[this.#phase.kind]
    if (nowMs - this.#sinceMs < timeoutMs) return
    if (this.#phase === next || this.#phase === drain) this.#socket.destroy()
    else this.#refuse(408)
  }

  // The socket's events. Bound, because they are taken off when the connection is handed over.

  readonly #receive = (chunk: Buffer) => {
    if (this.#phase.kind === "body") return this.#receiveBody(this.#phase, chunk)
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    if (this.#phase === answer || this.#phase === drain) this.#socket.pause()
    else this.#readRequest()
  }

  readonly #end = () => {
    this.#isLast = true
    if (this.#phase.kind === "body" || (this.#phase === head && this.#received.length > 0)) this.#refuse(400)
    else if (this.#phase !== answer) this.#socket.destroySoon()
  }

  readonly #fail = () => this.#socket.destroy()

  readonly #closed = () => {
    if (this.#phase.kind === "body") this.#dropBody(this.#phase)
    this.#onLeave()
  }

  // A request, from its first byte to its answer.

  /** Reads what came, at the beginning of a request. */
  #readRequest() {
    const outcome = readHead(this.#received)
    if (outcome.kind === "incomplete") {
      if (this.#phase === next) this.#wait(head)
      return
    }
    const { budget } = this.#parts
    if (outcome.kind === "other" || !this.#parts.takes(outcome.fields, outcome.bodyBytes)) return this.#handOver()
    const { fields, endOffset, bodyBytes } = outcome
    const received = this.#received
    const end = endOffset + bodyBytes
    if (received.length >= end && budget.take(bodyBytes)) {
      // Nearly always: it came in one piece.
      this.#received = received.length === end ? nothing : received.subarray(end)
      this.#phase = answer
      this.#answer(fields, received.subarray(endOffset, end))
      return
    }
    const rest = received.subarray(endOffset)
    if (this.#phase === next) this.#wait(head)
    this.#received = nothing
    this.#phase = { kind: "body", fields, chunks: new BodyChunks(), missingBytes: bodyBytes }
    if (rest.length > 0) this.#receiveBody(this.#phase, rest)
  }

  #receiveBody(body: ReceivingBody, chunk: Buffer) {
    const part = chunk.length <= body.missingBytes ? chunk : chunk.subarray(0, body.missingBytes)
    body.missingBytes -= part.length
    if (body.chunks !== undefined && this.#parts.budget.take(part.length)) body.chunks.add(part)
    else this.#dropBody(body)
    if (body.missingBytes > 0) return
    this.#received = chunk.subarray(part.length)
    this.#phase = answer
    this.#answer(
      body.fields,
      body.chunks?.joined((sizeBytes) => this.#parts.buffers.take(sizeBytes)),
    )
  }

  /** Throws away what came of a body, and what will come. */
  #dropBody(body: ReceivingBody) {
    this.#parts.budget.giveBack(body.chunks?.sizeBytes ?? 0)
    body.chunks = undefined
  }

  /** `body` is undefined when there was no room for it. */
  #answer(fields: HeadFields, body: Buffer | undefined) {
    const { random, budget, buffers, logger } = this.#parts
    const requestId = random.uuid()
    const made =
      body === undefined ? Promise.resolve(this.#parts.noRoom()) : this.#parts.answer({ requestId, fields, body })
    void made.then((one) => {
      if (body !== undefined) {
        budget.giveBack(body.length)
        buffers.giveBack(body)
      }
      try {
        this.#send(one, requestId)
      } catch (error) {
        logger.error({ requestId, err: error }, "Failed to answer a request")
        this.#socket.destroy()
      }
    })
  }

  /** When the client has gone away meanwhile, nothing happens. */
  #send(made: Answer, requestId: string) {
    if (this.#socket.destroyed) return
    const { extendedIds, clock, limits } = this.#parts
    const keepAliveMs = this.#isLast ? undefined : limits.keepAliveTimeoutMs
    const facts = { requestId, extendedId: extendedIds.next(), nowMs: clock.now(), keepAliveMs }
    const { text, encoding } = answerText(made, facts)
    const isTaken = this.#socket.write(text, encoding)
    if (this.#isLast) {
      this.#wait(drain)
      this.#socket.destroySoon()
    } else if (isTaken) {
      this.#readOn()
    } else {
      this.#wait(drain)
      this.#socket.once("drain", this.#readOn)
    }
  }

  readonly #readOn = () => {
    this.#wait(next)
    if (this.#socket.isPaused()) this.#socket.resume()
    if (this.#received.length > 0) this.#readRequest()
  }

  /** As Node answers what is no request, and what comes too slowly. */
  #refuse(status: 400 | 408) {
    this.#socket.write(refusalText(status))
    this.#socket.destroySoon()
  }

  #handOver() {
    const socket = this.#socket
    socket.off("data", this.#receive).off("end", this.#end).off("error", this.#fail).off("close", this.#closed)
    socket.off("drain", this.#readOn)
    this.#onLeave()
    this.#parts.handOver(socket, this.#received)
  }

  #wait(phase: Phase) {
    this.#phase = phase
    this.#sinceMs = this.#parts.clock.elapsed()
  }
}
