import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { destinations } from "../index.ts"
import { bufferingHints } from "./buffering-hints.ts"
import { retryOptions } from "./retry-options.ts"

/** A shape of the service model: test/fixtures/firehose-model.json. */
interface ModelShape {
  readonly type: string
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly sensitive?: boolean
  readonly members?: Readonly<Record<string, { readonly shape: string; readonly required?: boolean }>>
  readonly member?: string
  readonly key?: string
  readonly value?: string
}

/** What all our shapes have in common, and what some of them have. */
interface OurShape {
  readonly kind: string
  readonly sensitive: boolean
  readonly limits?: Readonly<Record<string, number | string>>
  readonly values?: readonly string[]
  readonly members?: Readonly<Record<string, OurShape | { readonly optional: true; readonly shape: OurShape }>>
  readonly item?: OurShape
  readonly key?: OurShape
}

// Compiled tests lie in a build folder, four levels below the root like their sources; data stays with the sources.
const file = path.join(import.meta.dirname, "../../../../test/fixtures/firehose-model.json")
const model: { readonly shapes: Readonly<Record<string, ModelShape>> } = JSON.parse(readFileSync(file, "utf8"))

for (const view of destinations.flatMap((kind) => kind.views)) {
  for (const side of ["configuration", "update", "description"] as const) {
    const name = view[`${side}Member`]
    test(`${name} has the members, limits and words of the service model, in its order`, () => {
      const ours = ofOurs(view[side])
      assert.deepEqual(ours, ofModel(name))
      assert.equal(JSON.stringify(ours), JSON.stringify(ofModel(name)))
    })
  }
}

test("buffering hints have each destination's limits", () => {
  const limits = [
    ["BufferingHints", 128, 900],
    ["HttpEndpointBufferingHints", 64, 900],
    ["SplunkBufferingHints", 5, 60],
    ["ElasticsearchBufferingHints", 100, 900],
    ["AmazonopensearchserviceBufferingHints", 100, 900],
    ["AmazonOpenSearchServerlessBufferingHints", 100, 900],
    ["SnowflakeBufferingHints", 128, 900],
  ] as const
  for (const [name, sizeInMBsMax, intervalInSecondsMax] of limits) {
    assert.deepEqual(ofOurs(bufferingHints({ sizeInMBsMax, intervalInSecondsMax })), ofModel(name), name)
  }
})

test("retry options have the limits of every destination", () => {
  const names = Object.keys(model.shapes).filter((name) => name.endsWith("RetryOptions"))
  assert.equal(names.length, 8)
  for (const name of names) assert.deepEqual(ofOurs(retryOptions), ofModel(name), name)
})

/** What the service's messages were seen to say where the model says otherwise: spec/s3.md, section 4. */
const measuredPatterns: Readonly<Record<string, string>> = {
  FileExtension: "^(|\\.[0-9a-z!\\-_.*'()]+)$",
}

/** A shape of the model, written out with all that it refers to. Words are sorted: messages have an order of their own. */
function ofModel(name: string): object {
  const shape = model.shapes[name]
  assert.ok(shape, name)
  return {
    kind: shape.type,
    sensitive: shape.sensitive ?? false,
    min: shape.min,
    max: shape.max,
    pattern: measuredPatterns[name] ?? shape.pattern,
    words: shape.enum?.toSorted(),
    item: shape.member === undefined ? undefined : ofModel(shape.member),
    key: shape.key === undefined ? undefined : ofModel(shape.key),
    value: shape.value === undefined ? undefined : ofModel(shape.value),
    members: mapValues(shape.members, (member) => ({
      required: member.required ?? false,
      ...ofModel(member.shape),
    })),
  }
}

/** One of our shapes, written out in the same way. */
function ofOurs(shape: OurShape): object {
  const { limits = {} } = shape
  const item = shape.item === undefined ? undefined : ofOurs(shape.item)
  return {
    kind: shape.kind,
    sensitive: shape.sensitive,
    min: limits["lengthMin"] ?? limits["countMin"] ?? limits["min"],
    max: limits["lengthMax"] ?? limits["countMax"] ?? limits["max"],
    pattern: limits["pattern"],
    words: shape.values?.toSorted(),
    item: shape.kind === "list" ? item : undefined,
    key: shape.key === undefined ? undefined : ofOurs(shape.key),
    value: shape.kind === "map" ? item : undefined,
    members: mapValues(shape.members, (member) =>
      "optional" in member ? { required: false, ...ofOurs(member.shape) } : { required: true, ...ofOurs(member) },
    ),
  }
}

function mapValues<T>(values: Readonly<Record<string, T>> | undefined, change: (value: T) => object) {
  if (values === undefined) return undefined
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
}
