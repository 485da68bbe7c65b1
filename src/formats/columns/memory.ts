import type { Values } from "./values.ts"

/** About what the values of a column take in memory, nested ones included. Memory that grew may be twice as large. */
export function memoryBytes(values: Values): number {
  return values.entryCount + valueBytes(values)
}

function valueBytes(values: Values): number {
  const { valueCount } = values
  switch (values.kind) {
    case "boolean":
      return valueCount
    case "integer":
    case "float":
      return 4 * valueCount
    case "long":
    case "double":
      return 8 * valueCount
    case "timestamp":
      return 12 * valueCount
    case "decimal":
      return 16 * valueCount
    case "text":
      return values.bytes.byteLength + 4 * valueCount
    case "list":
      return 4 * valueCount + memoryBytes(values.elements)
    case "map":
      return 4 * valueCount + memoryBytes(values.keys) + memoryBytes(values.values)
    case "struct":
      return values.fields.reduce((sum, field) => sum + memoryBytes(field), 0)
  }
}
