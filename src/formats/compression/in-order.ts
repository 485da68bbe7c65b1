/** Steps of one object that are under way at a time: enough to keep a few threads busy while one is waited for. */
const inFlightMax = 4

/** What `work` makes of each item, in their order. Several are worked on at once. */
export async function* inOrder<Item, Made>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<Made>,
): AsyncGenerator<Made> {
  const inFlight: Promise<Made>[] = []
  try {
    for await (const item of items) {
      const made = work(item)
      // A failure is thrown when its turn comes; until then it must not count as one that nobody handles.
      made.catch(() => {})
      inFlight.push(made)
      if (inFlight.length < inFlightMax) continue
      const oldest = inFlight.shift()
      if (oldest !== undefined) yield await oldest
    }
    for (const made of inFlight) yield await made
  } finally {
    await Promise.allSettled(inFlight)
  }
}
