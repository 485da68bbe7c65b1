import type { RowType } from "../formats/index.ts"

/** Which table a stream converts its records to, as its SchemaConfiguration says (spec/format-conversion.md, section 2). */
export interface TableReference {
  /** Absent: that of the credentials. */
  readonly catalogId?: string
  readonly databaseName: string
  readonly tableName: string
  /** Absent: the server's. */
  readonly region?: string
  /** `latestVersion`, or one of the catalog's. */
  readonly versionId: string
  readonly roleArn: string
}

/** The table as it is when it is read. */
export const latestVersion = "LATEST"

export interface Table {
  /** A field for each column, in order, with lower-case names as in Hive. Partition keys are none: they are not in the files. */
  readonly rowType: RowType
  /** Of the catalog that it comes from; absent where there are no versions. */
  readonly versionId?: string
}

/** Where the schemas of tables come from. */
export interface Tables {
  /**
   * Reads a table as it is now, or was some seconds ago. Takes seconds at most; `signal` ends that earlier.
   * @throws TableError, or the reason of `signal`
   */
  read(reference: TableReference, signal?: AbortSignal): Promise<Table>
}
