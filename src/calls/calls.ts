/**
 * Calls between the processes and threads of one server, over the channel that Node gives to a process and its child, or to
 * a thread and the one that started it. Both sides are of the same version and trust each other.
 */
import type { Serializable } from "node:child_process"

/** One side's end of the channel. */
export interface Channel {
  /** What is sent once the channel is closed goes nowhere. */
  send(message: Serializable): void
  onMessage(listener: (message: unknown) => void): void
  onClose(listener: () => void): void
}

/** What one side offers to the other: by name, each from one argument that a message can carry to one such answer. */
export type Offer<Procedures> = { readonly [Name in keyof Procedures]: (given: never) => Promise<unknown> }
export type Given<Procedure> = Procedure extends (given: infer Argument) => unknown ? Argument : never
export type Answer<Procedure> = Procedure extends (given: never) => Promise<infer Value> ? Value : never

/** The other side. */
export interface Peer<Theirs> {
  /** @throws EndedError when the channel closes before there is an answer; else Error with the message of the other side's error */
  call<Name extends keyof Theirs & string>(name: Name, given: Given<Theirs[Name]>): Promise<Answer<Theirs[Name]>>
  /** Calls without waiting for an answer. What is told to a side that has ended goes nowhere. */
  tell<Name extends keyof Theirs & string>(name: Name, given: Given<Theirs[Name]>): void
}

/** The other side has ended. Whether it did what it was asked is not known. */
export class EndedError extends Error {}

/** Marks what belongs to the calls: other messages go over the same channel. */
const mark = "hydrant-call"

type Message = { readonly mark: typeof mark; readonly id: number } & (
  | { readonly kind: "tell"; readonly name: string; readonly given: unknown }
  | { readonly kind: "call"; readonly name: string; readonly given: unknown }
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "failure"; readonly message: string }
)

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Answers the calls of the other side with `ours`, and gives what calls theirs. `theirName` is for errors. */
export function connect<Theirs extends Offer<Theirs>, Ours extends Offer<Ours>>(
  channel: Channel,
  ours: Ours,
  theirName: string,
): Peer<Theirs> {
  const pending = new Map<number, Pending>()
  let lastId = 0
  let isClosed = false
  channel.onMessage((message) => {
    if (!isMessage(message)) return
    if (message.kind === "tell") {
      // Its failure is nobody's answer: it ends the program, as every mistake of ours that nobody expects.
      void perform(ours, message)
      return
    }
    if (message.kind === "call") {
      void answer(ours, message).then((sent) => channel.send(sent))
      return
    }
    const waiting = pending.get(message.id)
    pending.delete(message.id)
    if (message.kind === "answer") waiting?.resolve(message.value)
    else waiting?.reject(new Error(message.message))
  })
  channel.onClose(() => {
    isClosed = true
    for (const waiting of pending.values()) waiting.reject(new EndedError(`${theirName} has ended before it answered`))
    pending.clear()
  })
  return {
    call(name, given) {
      return new Promise((resolve, reject) => {
        if (isClosed) return reject(new EndedError(`${theirName} has ended`))
        const id = ++lastId
        // The other side is of this version: it answers what its interface says.
        pending.set(id, { resolve: (value) => resolve(value as Answer<Theirs[typeof name]>), reject })
        channel.send({ mark, id, kind: "call", name, given })
      })
    },
    tell(name, given) {
      if (!isClosed) channel.send({ mark, id: 0, kind: "tell", name, given })
    },
  }
}

async function answer<Ours extends Offer<Ours>>(
  ours: Ours,
  message: Extract<Message, { kind: "call" }>,
): Promise<Message> {
  const { id } = message
  try {
    return { mark, id, kind: "answer", value: await perform(ours, message) }
  } catch (error) {
    return { mark, id, kind: "failure", message: error instanceof Error ? error.message : String(error) }
  }
}

async function perform<Ours extends Offer<Ours>>(
  ours: Ours,
  { name, given }: { readonly name: string; readonly given: unknown },
): Promise<unknown> {
  const procedure = new Map<string, (given: never) => Promise<unknown>>(Object.entries(ours)).get(name)
  if (procedure === undefined) throw new Error(`There is no procedure "${name}" between the parts of a server`)
  // The other side is of this version: it gives what our interface says.
  return procedure(given as never)
}

function isMessage(message: unknown): message is Message {
  return typeof message === "object" && message !== null && "mark" in message && message.mark === mark
}
