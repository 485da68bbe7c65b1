/**
 * Where values of a nested column belong, as Dremel has it. A leaf column has a slot for each of its values, and for each place
 * where there could have been one: a null, an empty list, or something above that is null.
 *
 *     definition level   how many of the optional and repeated nodes on the way to the leaf are there; all of them for a value
 *     repetition level   at which of the repeated nodes a new element begins; 0 begins a row
 *
 * They are made from the top: each step knows the slots of the node above, of which those are open that have its whole depth.
 * The entries of a node are those of the open slots, in order.
 */
import type { ListValues, MapValues, StructValues, Values } from "../columns/index.ts"

/** The values of a leaf column, and where they belong. */
export interface LeafColumn {
  readonly values: LeafValues
  readonly levels: Levels
}

export type LeafValues = Exclude<Values, ListValues | MapValues | StructValues>

export interface Levels {
  /** Of each slot. */
  readonly definitions: Uint8Array
  /** Of each slot; undefined where all are 0. */
  readonly repetitions: Uint8Array | undefined
  readonly definitionMax: number
  readonly repetitionMax: number
}

/** The leaf columns of all rows, in the order of `leaves` in schema.ts. */
export function leafColumns(rows: StructValues): readonly LeafColumn[] {
  const definitions = new Uint8Array(rows.entryCount)
  const root: Levels = { definitions, repetitions: undefined, definitionMax: 0, repetitionMax: 0 }
  return rows.fields.flatMap((field) => leavesBelow(field, withPresence(root, field.present)))
}

/** `levels` are of `values` themselves: open is where they have an entry that is there. */
function leavesBelow(values: Values, levels: Levels): readonly LeafColumn[] {
  switch (values.kind) {
    case "list": {
      const { elements } = values
      return leavesBelow(elements, withPresence(withElements(levels, values.lengths), elements.present))
    }
    case "map": {
      const entries = withElements(levels, values.lengths)
      return [
        // Keys are required: that one is there says nothing that its entry does not.
        ...leavesBelow(values.keys, entries),
        ...leavesBelow(values.values, withPresence(entries, values.values.present)),
      ]
    }
    case "struct":
      return values.fields.flatMap((field) => leavesBelow(field, withPresence(levels, field.present)))
    default:
      return [{ values, levels }]
  }
}

/** Levels of an optional node: one deeper where its entry is there. */
function withPresence(above: Levels, present: Uint8Array): Levels {
  const depth = above.definitionMax
  const levels = { ...above, definitionMax: nextLevel(depth) }
  // Of a column of the table, an entry is there or not: those are its levels.
  if (depth === 0) return { ...levels, definitions: present }
  const definitions = above.definitions.slice()
  let entry = 0
  for (let slot = 0; slot < definitions.length; slot++) {
    if (definitions[slot] === depth) definitions[slot] = depth + (present[entry++] ?? 0)
  }
  return { ...levels, definitions }
}

/** Levels of a repeated node: a slot for each element, and the one that there was for an empty list. */
function withElements(above: Levels, lengths: Int32Array): Levels {
  const depth = above.definitionMax
  const repetition = nextLevel(above.repetitionMax)
  let slotCount = above.definitions.length
  for (const length of lengths) if (length > 1) slotCount += length - 1
  const definitions = new Uint8Array(slotCount)
  const repetitions = new Uint8Array(slotCount)
  let entry = 0
  let slot = 0
  for (let slotAbove = 0; slotAbove < above.definitions.length; slotAbove++) {
    const definition = above.definitions[slotAbove] ?? 0
    const length = definition === depth ? (lengths[entry++] ?? 0) : 0
    const end = slot + Math.max(1, length)
    definitions.fill(length > 0 ? depth + 1 : definition, slot, end)
    repetitions.fill(repetition, slot, end)
    repetitions[slot] = above.repetitions?.[slotAbove] ?? 0
    slot = end
  }
  return { definitions, repetitions, definitionMax: nextLevel(depth), repetitionMax: repetition }
}

function nextLevel(level: number): number {
  if (level === 255) throw new RangeError("A column is nested too deeply for Parquet: at most 255 levels are possible")
  return level + 1
}
