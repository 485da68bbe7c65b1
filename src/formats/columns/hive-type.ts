/**
 * The types of Hive that a table's columns may have (spec/format-conversion.md, section 4). Synonyms are gone here: `integer` is
 * an int, `real` a float, `decimal` without numbers a decimal(10,0).
 */
export type HiveType =
  | { readonly kind: PlainKind }
  /** `precision` decimal digits in all (1 to 38), `scale` of them behind the point. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  /** At most `length` characters: Unicode code points. */
  | { readonly kind: "char" | "varchar"; readonly length: number }
  | { readonly kind: "array"; readonly element: HiveType }
  | { readonly kind: "map"; readonly key: HiveType; readonly value: HiveType }
  | { readonly kind: "struct"; readonly fields: readonly Column[] }

export type PlainKind =
  | "boolean"
  | "tinyint"
  | "smallint"
  | "int"
  | "bigint"
  | "float"
  | "double"
  | "string"
  | "binary"
  | "date"
  | "timestamp"

/** A column of a table, or a field of a struct. */
export interface Column {
  readonly name: string
  readonly type: HiveType
}

/** What the rows of a table are like: a struct with a field for each column. */
export interface RowType {
  readonly kind: "struct"
  readonly fields: readonly Column[]
}
