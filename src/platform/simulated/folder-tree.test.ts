import assert from "node:assert/strict"
import { test } from "node:test"
import { FileContent } from "./file-content.ts"
import { FolderTree } from "./folder-tree.ts"
import { createSimulatedRandom } from "./random.ts"

test("A sync of a folder covers the changes that were complete when it began, and no other", () => {
  const tree = new FolderTree()
  const create = (name: string) => tree.change({ folder: tree.root, name, entry: new FileContent() })
  create("a")()
  const completeSecond = create("b")
  const finishSync = tree.sync(tree.root)
  completeSecond()
  create("c")()
  finishSync()
  assert.deepEqual([...tree.root.names.keys()], ["a", "b", "c"])
  tree.failPower(createSimulatedRandom(1), 0)
  assert.deepEqual([...tree.root.names.keys()], ["a"])
})
