/** Tables at random: types, and rows with what they should be read as. The same of the same seed. */
import assert from "node:assert/strict"
import type { Column, HiveType, RowType, Values } from "../../../src/formats/columns/index.ts"
import type { SimulatedRandom } from "../../../src/platform/simulated/index.ts"

/**
 * A value as JSON: integers of 64 bits and unscaled decimals as text, doubles as text too, binary values as base64, timestamps as
 * seconds and nanoseconds, dates as days, maps as lists of pairs.
 */
export type Expected = null | boolean | number | string | readonly Expected[] | { readonly [name: string]: Expected }

/** Appends the next entry of a column, and answers what it should be read as. */
export type AppendNext = (values: Values) => Expected

const plainKinds = [
  "boolean",
  "tinyint",
  "smallint",
  "int",
  "bigint",
  "float",
  "double",
  "string",
  "binary",
  "date",
  "timestamp",
] as const

/** A row of so many columns. */
export function randomRowType(random: SimulatedRandom, columnCount: number): RowType {
  return { kind: "struct", fields: randomFields(random, columnCount, 3) }
}

function randomFields(random: SimulatedRandom, count: number, depth: number): Column[] {
  return Array.from({ length: count }, (_, index) => ({ name: `f${index}`, type: randomType(random, depth) }))
}

function randomType(random: SimulatedRandom, depth: number): HiveType {
  if (depth > 0 && random.chance(0.3)) {
    const kind = random.choice(["array", "map", "struct"] as const)
    if (kind === "array") return { kind, element: randomType(random, depth - 1) }
    if (kind === "map") {
      return { kind, key: { kind: random.choice(["string", "int"] as const) }, value: randomType(random, depth - 1) }
    }
    return { kind, fields: randomFields(random, 1 + random.integer(3), depth - 1) }
  }
  if (random.chance(0.15)) {
    const precision = 1 + random.integer(38)
    return { kind: "decimal", precision, scale: random.integer(precision + 1) }
  }
  if (random.chance(0.1)) return { kind: random.choice(["char", "varchar"] as const), length: 1 + random.integer(20) }
  return { kind: random.choice(plainKinds) }
}

/** What appends to a column of this type: with nulls, repetitions and outliers as the column has them. */
export function randomColumn(random: SimulatedRandom, type: HiveType): AppendNext {
  const appendValue = randomValues(random, type)
  const isNull = randomNulls(random)
  return (values) => {
    if (!isNull()) return appendValue(values)
    values.appendNull()
    return null
  }
}

function randomNulls(random: SimulatedRandom): () => boolean {
  const share = random.choice([0, 0, 0.02, 0.5, 0.98, 1])
  // Nulls one after the other as well.
  const burst = random.choice([1, 1, 30, 400])
  let left = 0
  let isNull = false
  return () => {
    if (left === 0) {
      left = 1 + random.integer(burst)
      isNull = random.chance(share)
    }
    left--
    return isNull
  }
}

function randomValues(random: SimulatedRandom, type: HiveType): AppendNext {
  switch (type.kind) {
    case "boolean": {
      const next = randomIntegers(random, 0n, 1n)
      return (values) => {
        assert(values.kind === "boolean")
        const value = Number(next())
        values.append(value)
        return value === 1
      }
    }
    case "tinyint":
      return integerColumn(randomIntegers(random, -(2n ** 7n), 2n ** 7n - 1n))
    case "smallint":
      return integerColumn(randomIntegers(random, -(2n ** 15n), 2n ** 15n - 1n))
    case "int":
      return integerColumn(randomIntegers(random, -(2n ** 31n), 2n ** 31n - 1n))
    // Years 1 to 9999, as Python has them.
    case "date":
      return integerColumn(randomIntegers(random, -719_162n, 2_932_896n))
    case "bigint": {
      const next = randomIntegers(random, -(2n ** 63n), 2n ** 63n - 1n)
      return (values) => {
        assert(values.kind === "long")
        const value = next()
        if (Number.isSafeInteger(Number(value)) && random.chance(0.5)) values.append(Number(value))
        else values.appendBigInt(value)
        return String(value)
      }
    }
    case "float":
    case "double": {
      const next = randomDoubles(random)
      return (values) => {
        assert(values.kind === "float" || values.kind === "double")
        const value = values.kind === "float" ? Math.fround(next()) : next()
        values.append(value)
        return String(value)
      }
    }
    case "decimal": {
      const most = 10n ** BigInt(type.precision) - 1n
      const next = randomIntegers(random, -most, most)
      return (values) => {
        assert(values.kind === "decimal")
        const value = next()
        values.appendBigInt(value)
        return String(value)
      }
    }
    case "string":
      return textColumn(randomTexts(random, random.choice([0, 5, 40, 2000])))
    case "varchar":
      return textColumn(randomTexts(random, type.length))
    case "char": {
      const next = randomTexts(random, type.length)
      return (values) => {
        assert(values.kind === "text")
        const text = next()
        values.appendString(text)
        return text + " ".repeat(type.length - Array.from(text).length)
      }
    }
    case "binary": {
      const next = randomIntegers(random, 0n, 30n)
      return (values) => {
        assert(values.kind === "text")
        const bytes = random.bytes(Number(next()))
        values.append(bytes)
        return bytes.toString("base64")
      }
    }
    case "timestamp":
      return timestampColumn(random)
    case "array": {
      const nextLength = randomIntegers(random, 0n, 5n)
      const appendElement = randomColumn(random, type.element)
      return (values) => {
        assert(values.kind === "list")
        const elements = Array.from({ length: Number(nextLength()) }, () => appendElement(values.elements))
        values.append(elements.length)
        return elements
      }
    }
    case "map": {
      const nextLength = randomIntegers(random, 0n, 5n)
      const appendValue = randomColumn(random, type.value)
      return (values) => {
        assert(values.kind === "map")
        const pairs = Array.from({ length: Number(nextLength()) }, (_, index) => [
          appendKey(values.keys, index),
          appendValue(values.values),
        ])
        values.append(pairs.length)
        return pairs
      }
    }
    case "struct": {
      const appendFields = type.fields.map((field) => randomColumn(random, field.type))
      return (values) => {
        assert(values.kind === "struct")
        const fields = type.fields.map(({ name }, index): [string, Expected] => {
          const field = values.fields[index]
          const append = appendFields[index]
          assert(field && append)
          return [name, append(field)]
        })
        values.append()
        return Object.fromEntries(fields)
      }
    }
  }
}

function integerColumn(next: () => bigint): AppendNext {
  return (values) => {
    assert(values.kind === "integer")
    const value = Number(next())
    values.append(value)
    return value
  }
}

function textColumn(next: () => string): AppendNext {
  return (values) => {
    assert(values.kind === "text")
    const text = next()
    values.appendString(text)
    return text
  }
}

/** Different ones in one map. */
function appendKey(keys: Values, index: number): Expected {
  if (keys.kind === "integer") {
    keys.append(3 * index)
    return 3 * index
  }
  assert(keys.kind === "text")
  keys.appendString(`k${index}`)
  return `k${index}`
}

/** Integers from `least` to `most`: what follows what is of one kind for a while, and then of another. */
function randomIntegers(random: SimulatedRandom, least: bigint, most: bigint): () => bigint {
  const clamped = (value: bigint) => (value < least ? least : value > most ? most : value)
  const any = () => least + (BigInt(`0x${random.bytes(17).toString("hex")}`) % (most - least + 1n))
  const small = () => clamped(BigInt(random.integer(2000) - 1000))
  const kinds: readonly (() => () => bigint)[] = [
    () => any,
    () => small,
    () => () => clamped(BigInt(random.integer(2))),
    // The same all the time.
    () => {
      const value = random.choice([any, small])()
      return () => value
    },
    // At the same distance, or always in one direction.
    () => {
      const step = BigInt(random.integer(400) - 200)
      const noise = random.choice([1, 2, 1000])
      let value = random.choice([any, small])()
      return () => {
        const direction = step < 0n ? -1n : 1n
        value = clamped(value + step + direction * BigInt(random.integer(noise)))
        return value
      }
    },
    // Mostly within little, seldom far off.
    () => {
      const base = any()
      return () => (random.chance(0.02) ? any() : clamped(base + BigInt(random.integer(100))))
    },
    () => () => random.choice([least, most, clamped(0n), clamped(-1n)]),
  ]
  let next = random.choice(kinds)()
  let left = 1
  return () => {
    if (--left === 0) {
      next = random.choice(kinds)()
      left = 1 + random.integer(random.choice([5, 20, 600, 2000]))
    }
    return next()
  }
}

function randomDoubles(random: SimulatedRandom): () => number {
  const isOrdinary = random.chance(0.7)
  const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE, Number.MAX_VALUE]
  return () => {
    if (!isOrdinary && random.chance(0.01)) return random.choice(special)
    return random.chance(0.3) ? random.integer(100) - 50 : (random.fraction() - 0.5) * 10 ** random.integer(30)
  }
}

function randomTexts(random: SimulatedRandom, lengthMax: number): () => string {
  const letters = random.choice(["ab", "abcdefghijklmnopqrstuvwxyz0123456789", "aäߣ水😀\u{10ffff}"])
  const any = () => {
    const length = random.integer(lengthMax + 1)
    return Array.from({ length }, () => random.choice(Array.from(letters))).join("")
  }
  const few = Array.from({ length: 1 + random.integer(50) }, any)
  const share = random.choice([0, 0.1, 1])
  return () => (random.chance(share) ? any() : random.choice(few))
}

function timestampColumn(random: SimulatedRandom): AppendNext {
  // Within what int64 nanoseconds hold: years 1678 to 2261.
  const nextSecond = randomIntegers(random, -9_200_000_000n, 9_200_000_000n)
  const nextFraction = randomIntegers(random, 0n, 999_999_999n)
  const unit = random.choice([1, 1, 1000, 1_000_000, 100_000_000, 1_000_000_000])
  return (values) => {
    assert(values.kind === "timestamp")
    const second = Number(nextSecond())
    const fraction = Math.floor(Number(nextFraction()) / unit) * unit
    values.append(second, fraction)
    // Readers see that second late, whoever wrote it: src/formats/orc/timestamps.ts.
    return [second === -1 && fraction > 999_999 ? 0 : second, fraction]
  }
}
