/** Rows by columns: their types, and their values in memory. */
export { areEqual, copyBytes, hashOf, viewOf } from "./bytes-by-words.ts"
export type { ColumnFormat, EncodedGroup, PlacedGroup } from "./column-format.ts"
export type { Column, HiveType, PlainKind, RowType } from "./hive-type.ts"
export { memoryBytes } from "./memory.ts"
export { HiveTypeError, hiveTypeText, parseHiveType } from "./parse-hive-type.ts"
export {
  BooleanValues,
  DecimalValues,
  DoubleValues,
  emptyRows,
  emptyValues,
  FloatValues,
  IntegerValues,
  ListValues,
  LongValues,
  MapValues,
  StructValues,
  TextValues,
  TimestampValues,
  type Values,
} from "./values.ts"
