import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import type { TestContext } from "node:test"
import { hiveTypeText } from "../formats/columns/index.ts"
import { TableError, type TableErrorCode } from "./table-error.ts"
import { latestVersion, type Table, type TableReference } from "./tables.ts"

/** The table that tests look for. */
export const orders: TableReference = {
  databaseName: "logs",
  tableName: "orders",
  versionId: latestVersion,
  roleArn: "arn:aws:iam::000000000000:role/firehose",
}

/** Its columns, each as `name type`. */
export function columnsOf({ rowType }: Table): readonly string[] {
  return rowType.fields.map(({ name, type }) => `${name} ${hiveTypeText(type)}`)
}

/** For assert.throws and assert.rejects. */
export function tableError(code: TableErrorCode, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof TableError, String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    return true
  }
}

/** A folder that is removed after the test. */
export async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hydrant-tables-"))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}
