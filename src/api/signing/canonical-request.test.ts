import assert from "node:assert/strict"
import { hash } from "node:crypto"
import { test } from "node:test"
import { canonicalRequest } from "./canonical-request.ts"
import { readQuery } from "./query.ts"
import { readHeaders } from "./request-headers.ts"

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

function lines(parts: { url: string; rawHeaders?: readonly string[]; signedHeaders?: readonly string[] }): string[] {
  const [path = "", query = ""] = parts.url.split("?")
  const canonical = canonicalRequest({
    method: "GET",
    path,
    query: readQuery(query),
    headers: readHeaders(parts.rawHeaders ?? []),
    signedHeaders: parts.signedHeaders ?? [],
    payloadHash: emptyHash,
  })
  return canonical.toString("latin1").split("\n")
}

// "Create a signed AWS API request" in AWS's IAM user guide signs this request.
test("The canonical request of AWS's own example has the hash that the documentation gives", () => {
  const canonical = canonicalRequest({
    method: "GET",
    path: "/",
    query: readQuery("Action=ListUsers&Version=2010-05-08"),
    headers: readHeaders([
      ...["Host", "iam.amazonaws.com"],
      ...["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"],
      ...["X-Amz-Date", "20150830T123600Z"],
    ]),
    signedHeaders: ["content-type", "host", "x-amz-date"],
    payloadHash: emptyHash,
  })
  assert.equal(hash("sha256", canonical), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59")
})

test("A path is normalised, and what it has encoded is encoded once more", () => {
  const canonicalPaths = {
    "/": "/",
    "": "/",
    "//": "/",
    "/./": "/",
    "/..": "/",
    "/a/./b/../c": "/a/c",
    "/a//b/": "/a/b/",
    "/two%20words": "/two%2520words",
    "/-._~*": "/-._~%2A",
  }
  for (const [path, expected] of Object.entries(canonicalPaths)) assert.equal(lines({ url: path })[1], expected, path)
})

test("A query is sorted by name, then value, and encoded in the one way that SigV4 knows", () => {
  const canonicalQueries = {
    "b=2&a=1": "a=1&b=2",
    "a=2&a=10&a=1": "a=1&a=10&a=2",
    "a&&b=": "a=&b=",
    "a=%7e%2f*": "a=~%2F%2A",
    "a=1=2": "a=1%3D2",
    "B=1&a=1": "B=1&a=1",
    "a=%zz": "a=%25zz",
    "a=%C3%A4": "a=%C3%A4",
    "X-Amz-Signature=ff&a=1": "a=1",
  }
  for (const [query, expected] of Object.entries(canonicalQueries)) {
    assert.equal(lines({ url: `/?${query}` })[2], expected, query)
  }
})

test("A header is trimmed, its inner spaces become one, and values of one name are joined in order", () => {
  const given = {
    rawHeaders: ["Z", "9", "A", "  one \t two   three ", "b", "2", "a", "four", "B", ""],
    signedHeaders: ["a", "b"],
  }
  assert.deepEqual(lines({ url: "/", ...given }).slice(3), ["a:one two three,four", "b:2,", "", "a;b", emptyHash])
})

test("A header's bytes are signed as they came, those beyond ASCII too", () => {
  const asNodeGivesIt = Buffer.from("voilà  été", "utf8").toString("latin1")
  const signed = lines({ url: "/", rawHeaders: ["a", asNodeGivesIt], signedHeaders: ["a"] })
  assert.equal(Buffer.from(signed[3] ?? "", "latin1").toString("utf8"), "a:voilà été")
})
