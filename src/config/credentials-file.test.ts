import assert from "node:assert/strict"
import { test } from "node:test"
import { readCredentialsFile } from "./index.ts"

function read(...lines: string[]) {
  return readCredentialsFile({ name: "keys", text: lines.join("\n") })
}

function problems(...lines: string[]): readonly string[] {
  const outcome = read(...lines)
  assert(outcome.kind === "refused")
  return outcome.problems
}

test("Each profile is a key that may sign", () => {
  const outcome = read(
    "\uFEFF[default]",
    "# who may write",
    "aws_access_key_id = AKIDEXAMPLE\r",
    "aws_secret_access_key = wJalr/XUtn+FEMI=K7;MD#ENG  # rotated in March",
    "region = eu-west-1",
    "",
    "[ agent ] ; on the edge",
    "AWS_ACCESS_KEY_ID=ASIAEXAMPLE",
    "aws_secret_access_key=other",
    "aws_session_token=token==",
    "[third]",
    "aws_secret_access_key=secret",
    "aws_session_token =",
    "aws_access_key_id=test",
  )
  assert(outcome.kind === "read")
  assert.deepEqual(
    [...outcome.credentials],
    [
      ["AKIDEXAMPLE", { secretAccessKey: "wJalr/XUtn+FEMI=K7;MD#ENG" }],
      ["ASIAEXAMPLE", { secretAccessKey: "other", sessionToken: "token==" }],
      ["test", { secretAccessKey: "secret" }],
    ],
  )
})

test("A file without a profile is refused", () => {
  const none =
    "Cannot use keys: it has no profile; expected [NAME], and below it aws_access_key_id and aws_secret_access_key"
  assert.deepEqual(problems(""), [none])
  assert.deepEqual(problems("# later"), [none])
})

test("All that is wrong is told at once, and no secret with it", () => {
  const found = problems(
    "aws_secret_access_key = SECRET",
    "[a]",
    "aws_access_key_id = one",
    "[b]",
    "aws_secret_access_key = SECRET",
    "[c]",
    "aws_access_key_id = two",
    "aws_access_key_id = three",
    "aws_secret_access_key = SECRET",
    "SECRET",
    "[d]",
    "aws_access_key_id = two",
    "aws_secret_access_key = SECRET",
    "[d]",
    "aws_access_key_id = has/slash",
    "aws_secret_access_key = SECRET",
    "[e]",
    "aws_access_key_id = two",
    "aws_secret_access_key = SECRET",
    "= SECRET",
  )
  assert.deepEqual(found, [
    "Cannot use aws_secret_access_key (keys, line 1): it stands before the first [PROFILE]",
    "Cannot use aws_access_key_id (keys, line 8): it is there twice in its profile",
    "Cannot read keys, line 10: expected [PROFILE] or NAME = VALUE",
    'Cannot use profile "d" (keys, line 14): it is there twice',
    "Cannot read keys, line 20: expected [PROFILE] or NAME = VALUE",
    'Cannot use profile "a" of keys: it has no aws_secret_access_key',
    'Cannot use profile "b" of keys: it has no aws_access_key_id',
    'Cannot use profile "d" of keys: aws_access_key_id "has/slash" may hold only letters, digits and _.-',
    'Cannot use profile "e" of keys: aws_access_key_id "two" is that of profile "c" already',
  ])
})
