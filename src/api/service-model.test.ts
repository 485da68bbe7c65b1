/** Nothing of the service model is forgotten: each member is acted on, or refused by name; and its limits are the model's. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { destinations } from "../destinations/index.ts"
import type {
  BlobShape,
  EnumerationShape,
  ListShape,
  MapShape,
  NumberShape,
  OptionalMember,
  Shape,
  StringShape,
  StructureShape,
} from "../shapes/index.ts"
import { operationsFor } from "./operations/index.ts"
import { type ModelShape, readServiceModel } from "./service-model.ts"
import { unsupportedDestinations, unsupportedSources } from "./unsupported.ts"

type AnyShape =
  | StringShape
  | EnumerationShape<string>
  | NumberShape
  | BlobShape
  | ListShape<unknown>
  | MapShape<unknown>
  | StructureShape<Record<string, Shape<unknown> | OptionalMember<unknown>>>
  | (Shape<unknown> & { readonly kind: "boolean" | "timestamp" })

const model = readServiceModel()
const operations = operationsFor(destinations)
const unsupported = [...unsupportedDestinations.configuration, ...unsupportedDestinations.update, ...unsupportedSources]

test("Every operation of the model is there, and no other", () => {
  assert.deepEqual(operations.map((operation) => operation.name).sort(), Object.keys(model.operations).sort())
})

for (const operation of operations) {
  test(`The input of ${operation.name} has the members and limits of the model`, () => {
    const input = model.operations[operation.name]?.input
    assert.ok(input)
    assert.deepEqual(differences(operation.input, input), [])
  })
}

for (const view of destinations.flatMap((kind) => kind.views)) {
  test(`${view.descriptionMember} has the members and limits of the model`, () => {
    assert.deepEqual(differences(view.description, view.descriptionMember), [])
  })
}

test("A member that a kind of destination brings is not in the table of those that are not supported", () => {
  const supported = destinations.flatMap((kind) =>
    kind.views.flatMap((view) => [view.configurationMember, view.updateMember]),
  )
  assert.deepEqual(
    supported.filter((name) => unsupported.includes(name)),
    [],
  )
})

test("Members that are not supported are members of the model", () => {
  const { CreateDeliveryStreamInput, UpdateDestinationInput } = model.shapes
  const known = { ...CreateDeliveryStreamInput?.members, ...UpdateDestinationInput?.members }
  assert.deepEqual(
    unsupported.filter((name) => !Object.hasOwn(known, name)),
    [],
  )
})

/** In words, all that differs between a shape of ours and the one of the model, down to the leaves. */
function differences(shape: Shape<unknown>, name: string, at: string = name): string[] {
  const expected = model.shapes[name]
  assert.ok(expected, `The model has no shape ${name}`)
  if (!isA(shape, expected.type)) return [`${at} is a ${shape.kind}, not a ${expected.type}`]
  return [
    ...limitsOf(shape).flatMap(([what, ours, theirs]) => {
      const limit = theirs(expected)
      return ours === limit ? [] : [`${at}: ${what} is ${ours}, not ${limit}`]
    }),
    ...(shape.sensitive === (expected.sensitive ?? false) ? [] : [`${at}: sensitive is ${shape.sensitive}`]),
    ...childrenOf(shape, expected, at),
  ]
}

function childrenOf(shape: AnyShape, expected: ModelShape, at: string): string[] {
  if ("members" in shape) return memberDifferences(shape.members, expected.members ?? {}, at)
  const children =
    "key" in shape
      ? ([
          [shape.key, expected.key],
          [shape.item, expected.value],
        ] as const)
      : "item" in shape
        ? ([[shape.item, expected.member]] as const)
        : []
  return children.flatMap(([child, name]) =>
    name === undefined ? [`${at} is another list`] : differences(child, name, `${at}[]`),
  )
}

function memberDifferences(
  members: Readonly<Record<string, Shape<unknown> | OptionalMember<unknown>>>,
  expected: NonNullable<ModelShape["members"]>,
  at: string,
): string[] {
  const invented = Object.keys(members).filter((name) => !Object.hasOwn(expected, name))
  return [
    ...invented.map((name) => `${at}.${name} is not in the model`),
    ...Object.entries(expected).flatMap(([name, { shape: expectedShape, required = false }]) => {
      const member = members[name]
      if (unsupported.includes(name)) return []
      if (member === undefined) return [`${at}.${name} is neither there nor in the table of what is not supported`]
      const shape = "optional" in member ? member.shape : member
      const isRequired = !("optional" in member)
      return [
        ...(isRequired === required ? [] : [`${at}.${name}: required is ${isRequired}`]),
        ...differences(shape, expectedShape, `${at}.${name}`),
      ]
    }),
  ]
}

/** By the model's pattern, what the service's own messages say in its place: spec/s3.md, section 4. It means the same. */
const measuredPatterns = new Map([["^$|\\.[0-9a-z!\\-_.*'()]+", "^(|\\.[0-9a-z!\\-_.*'()]+)$"]])

type Limit = readonly [what: string, ours: unknown, theirs: (expected: ModelShape) => unknown]

/** What a shape limits, and where the model says it. A length without a minimum is at least 0 in both. */
function limitsOf(shape: AnyShape): readonly Limit[] {
  const max = (ours: unknown): Limit => ["max", ours, (expected) => expected.max]
  const lengthMin = (ours = 0): Limit => ["min", ours, (expected) => expected.min ?? 0]
  // Not the model's order everywhere: messages list the words in the service's own.
  const words: Limit = [
    "enum",
    "values" in shape ? sorted(shape.values) : undefined,
    (expected) => sorted(expected.enum),
  ]
  switch (shape.kind) {
    case "string":
      if ("values" in shape) return [words]
      return [
        words,
        lengthMin(shape.limits.lengthMin),
        max(shape.limits.lengthMax),
        [
          "pattern",
          shape.limits.pattern,
          (expected) => measuredPatterns.get(expected.pattern ?? "") ?? expected.pattern,
        ],
      ]
    case "integer":
    case "double":
      return [["min", shape.limits.min, (expected) => expected.min], max(shape.limits.max)]
    case "blob":
      return [lengthMin(shape.limits.bytesMin), max(shape.limits.bytesMax)]
    case "list":
      return [lengthMin(shape.limits.countMin), max(shape.limits.countMax)]
    default:
      return []
  }
}

function sorted(words: readonly string[] | undefined): string | undefined {
  return words === undefined ? undefined : [...words].sort().join(" ")
}

/** `kind` tells which of the language's shapes it is: there are no others. */
function isA(shape: Shape<unknown>, kind: ModelShape["type"]): shape is AnyShape {
  return shape.kind === kind
}
