/** The value in the middle, or between the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which `fraction` of the values lie, between 0 and 1, interpolated. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = Float64Array.from(values).sort()
  const place = (sorted.length - 1) * fraction
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/**
 * The ratio of two contenders that took turns: of each round by itself, since a round's disturbance hits both, and then
 * the one in the middle. Both arrays hold one figure for each round.
 */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)))
}
