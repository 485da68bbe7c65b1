import type { Table, TableReference } from "./tables.ts"

/** One place where tables may be. */
export interface TableSource {
  /**
   * The table, or undefined when this place has none of that name.
   * @throws TableError when it can't be had or not be used, or the reason of `signal`
   */
  find(reference: TableReference, signal?: AbortSignal): Promise<Table | undefined>
}
