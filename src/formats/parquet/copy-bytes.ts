/** More are copied by a call, which costs too much for fewer. */
const loopBytesMax = 48

/** Copies `source[start, end)` to `into` at `at`: quickly also where there are many short pieces. Answers where they end there. */
export function copyBytes(source: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  const atEnd = at + end - start
  if (end - start > loopBytesMax) into.set(source.subarray(start, end), at)
  else for (let from = start, to = at; from < end; from++, to++) into[to] = source[from] ?? 0
  return atEnd
}
