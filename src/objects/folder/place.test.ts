import assert from "node:assert/strict"
import path from "node:path"
import { test } from "node:test"
import fc from "fast-check"
import { isBucketName, pathOfKey } from "./place.ts"

test("A usual key is the path of its file", () => {
  const key = "logs/year=2026/2026/07/13/14/stream-1-2026-07-13-14-00-00-046b6c7f-0b8a-4b3c-9d2e-5abf82daaa51.gz"
  assert.equal(pathOfKey(key).join("/"), key)
})

test("What no file system can hold is escaped", () => {
  const places = [
    ["a//b", "a/%_/b"],
    ["/a", "%_/a"],
    ["a/", "a/%_"],
    ["", "%_"],
    ["../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd"],
    ["a/./b/...", "a/%2E/b/..."],
    ["50%/%2E%_", "50%25/%252E%25_"],
    ["a\0b", "a%00b"],
    ["a\ud800b\udfff", "a%uD800b%uDFFF"],
    ["x".repeat(255), "x".repeat(255)],
    ["x".repeat(256), `${"x".repeat(253)}%+/xxx`],
    ["ä".repeat(128), `${"ä".repeat(126)}%+/ää`],
    [`${"x".repeat(253)}..`, `${"x".repeat(253)}..`],
    [`${"x".repeat(253)}%.`, `${"x".repeat(253)}%+/%25.`],
    [`${"x".repeat(506)}..`, `${"x".repeat(253)}%+/${"x".repeat(253)}%+/%2E%2E`],
  ] as const
  for (const [key, place] of places) assert.equal(pathOfKey(key).join("/"), place)
})

test("No key leaves its bucket, and every name in its path is one that a file can have", () => {
  fc.assert(
    fc.property(oddKey(), (key) => {
      const names = pathOfKey(key)
      assert(names.length > 0)
      for (const name of names) {
        assert(name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name))
        assert(Buffer.byteLength(name) <= 255)
        assert.equal(Buffer.from(name).toString(), name)
      }
      assert.equal(path.join("/buckets/a", ...names), ["/buckets/a", ...names].join("/"))
    }),
  )
})

test("No two keys have the same place: the key can be told from it", () => {
  fc.assert(fc.property(oddKey(), (key) => assert.equal(keyAt(pathOfKey(key)), key)))
})

test("A bucket's name stays one folder", () => {
  for (const name of ["a", "a-b.c_d", "A9", "...", "x".repeat(255)]) assert(isBucketName(name), name)
  for (const name of ["", ".", "..", "a/b", "a\\b", "a\0", ".incoming~", "ä", "x".repeat(256), "a\n"]) {
    assert(!isBucketName(name), name)
  }
})

/** Keys of what is likely to go wrong, some of them with parts of hundreds of bytes. */
function oddKey(): fc.Arbitrary<string> {
  const pieces = ["/", "//", ".", "..", "%", "%+", "%_", "%2E", "u", "\0", "a", "ä", "😀", "\ud83d", "\ude00", "~"]
  const long = fc.tuple(fc.constantFrom("x", "%", "ä", "😀", "."), fc.integer({ min: 60, max: 300 }))
  const piece = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...pieces) },
    { weight: 1, arbitrary: long.map(([character, count]) => character.repeat(count)) },
  )
  return fc.array(piece, { maxLength: 20 }).map((all) => all.join(""))
}

/** The opposite of pathOfKey, from the table at its head. */
function keyAt(names: readonly string[]): string {
  const escapes = /%25|%00|%2E|%_|%u([0-9A-F]{4})/g
  const plain: Record<string, string> = { "%25": "%", "%00": "\0", "%2E": ".", "%_": "" }
  return names
    .map((name) => (name.endsWith("%+") ? name.slice(0, -2) : `${name}/`))
    .join("")
    .slice(0, -1)
    .replace(escapes, (escaped, unit) => plain[escaped] ?? String.fromCharCode(Number.parseInt(unit, 16)))
}
