import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { forbiddenWord, queryKeys } from "./query.ts"

test("what would reach out of the record is found, wherever it is", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["input", "input"],
    ["{a:input}", "input"],
    ["{a:[inputs]}", "inputs"],
    ["{a:.b|debug}", "debug"],
    ['{a:.b|debug("x")}', "debug"],
    ["{a:foo(1, input)}", "input"],
    ["{a:[1, input]}", "input"],
    ["{(input):1}", "input"],
    ['{a:"x\\(1 + input)y"}', "input"],
    ['{"a\\(env.PATH)":1}', "env"],
    ["{a:$ENV.PATH}", "$ENV"],
    ["{a:$ ENV.PATH}", "$ENV"],
    ["{a:env.PATH}", "env"],
    ["{a:$__prog_args}", "$__prog_args"],
    ["{a:halt}", "halt"],
    ['{a:.b|halt_error("x";1)}', "halt_error"],
    ["{a:stderr}", "stderr"],
    ["{a:input_line_number}", "input_line_number"],
    ["{a:input_filename}", "input_filename"],
    ["{a:get_search_list}", "get_search_list"],
    ['import "a" as a; {a:1}', "import"],
    ['include "a"; {a:1}', "include"],
    ['"a"|modulemeta', "modulemeta"],
    ["# none here\ninput", "input"],
    ["{a:.b,input:input}", "input"],
    ["{a: 1 | input", "input"],
  ]
  for (const [query, word] of cases) assert.equal(forbiddenWord(query), word, query)
})

test("what only looks like it is not", () => {
  const queries = [
    ...[
      "{input:.input,env:.env}",
      "{input}",
      "{a:1,debug}",
      "{a:1, halt , b:2}",
      '{"input":1}',
      "{a:$input}",
      "{a:.a.env.inputs}",
    ],
    ...[
      '{a:"input"}',
      '{a:"\\\\(input)"}',
      "{a:1} # input",
      "{a:.inputs_total|tostring}",
      "{a:myinput}",
      '{a:getpath(["env"])}',
    ],
    ...[". as {input:$i, env:$e} | {a:$i}", "{a:@base64}", "", "2026/!{x}"],
  ]
  for (const query of queries) assert.equal(forbiddenWord(query), undefined, query)
})

test("the keys of the object that a query gives", () => {
  const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["{customer_id:.customer_id,device:.type.device}", ["customer_id", "device"]],
    ['{datasource:"txma",year:now|strftime("%Y")}', ["datasource", "year"]],
    ['{ a : .x.y , "b c" : { d : 1, e : 2 }, $f, g }', ["a", "b c", "f", "g"]],
    ['{"\\u0061":1}', ["a"]],
    ["{}", []],
    ["{a:(.b,.c),d:[1,2]}", ["a", "d"]],
    ["{(.a):1,b:2}", ["b"]],
    ['{"a\\(.x)b":1,c:"}\\("}")"}', ["c"]],
    ['{@base64 "x":1}', []],
    ["{if:1,and:2}", ["if", "and"]],
    ['{a:.b|.c,d:.e//"none"}', ["a", "d"]],
    [".x | {a:.b}", ["a"]],
    [". as $x | {a:.b} | {c:$x.d}", ["c"]],
    ["def f: {z:1}; {a:f}", ["a"]],
    ["{a:1} # {b:2}", ["a"]],
    ["{a:(. as {b:$c} | $c)}", ["a"]],
    ["{a:1} + {b:2}", undefined],
    ["if . then .x | {a:1} else {b:2} end", undefined],
    [".", undefined],
    ["", undefined],
    ["{a:1", undefined],
    ["{a:1)}", undefined],
    ['{a:"', undefined],
    ["2026/!{x}", undefined],
  ]
  for (const [query, keys] of cases) assert.deepEqual(queryKeys(query), keys, query)
})

test("any text at all has an answer, in a time that grows with it", () => {
  const soup = fc
    .array(fc.constantFrom(...'"\\(){}[]|,:;.$@# \n', "input", "a", "\\(", "1"), { maxLength: 40 })
    .map((parts) => parts.join(""))
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (query) => {
      forbiddenWord(query)
      queryKeys(query)
      // What has keys is whole: nothing that is put behind it can be taken for a part of it.
      if (queryKeys(query)) assert.equal(forbiddenWord(`${query}\n|input`), forbiddenWord(query) ?? "input", query)
    }),
    { numRuns: 2000 },
  )
})
