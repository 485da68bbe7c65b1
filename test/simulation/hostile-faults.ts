import type { OperationKind, SimulatedRandom } from "../../src/platform/simulated/index.ts"

/** Chances of disk operations to fail: none at all, of one kind often, or of every kind now and then. */
export function hostileFaults(random: SimulatedRandom): Partial<Record<OperationKind, number>> {
  const kinds = [
    "open",
    "read",
    "size",
    "list",
    "create",
    "write",
    "durableWrite",
    "sync",
    "truncate",
    "rename",
    "remove",
    "syncFolder",
  ] as const
  switch (random.choice(["none", "one kind", "every kind"] as const)) {
    case "none":
      return {}
    case "one kind":
      return { [random.choice(kinds)]: random.choice([0.1, 0.6]) }
    case "every kind":
      return Object.fromEntries(kinds.map((kind) => [kind, 0.02]))
  }
}
