/** The earliest of arrivals, in milliseconds since the epoch; undefined when none is known. */
export function oldestArrival(arrivals: readonly (number | undefined)[]): number | undefined {
  const known = arrivals.filter((arrivalMs) => arrivalMs !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
