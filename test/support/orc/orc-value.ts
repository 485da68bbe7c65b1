/** What an ORC file can hold, as the reader answers it and as statistics are checked against it. */

/**
 * boolean; a number for tinyint, smallint, int, float, double, and for a date as days since 1970-01-01; a bigint for a bigint; text for
 * string, char and varchar; bytes for binary. An array holds its elements, a map [key, value] pairs, a struct the values of its fields.
 */
export type OrcValue = null | LeafValue | readonly OrcValue[]

export type LeafValue = boolean | number | bigint | string | Uint8Array | OrcTimestamp | OrcDecimal

/** UTC. */
export interface OrcTimestamp {
  /** Since 1970-01-01T00:00:00Z, rounded down. */
  readonly seconds: number
  /** After those seconds: 0 to 999,999,999. */
  readonly nanoseconds: number
}

/** `unscaled` by ten to the power of -`scale`. */
export interface OrcDecimal {
  readonly unscaled: bigint
  /** That of the column's type. */
  readonly scale: number
}
