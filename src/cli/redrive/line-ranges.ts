/** A set of line numbers, kept as ranges: lines are put in order, so a few ranges hold the lines of a large object. */
export class LineRanges {
  /** Ascending, neither overlapping nor touching; both ends belong to a range. */
  readonly #ranges: [from: number, to: number][] = []
  #count = 0

  /** How many lines there are. */
  get count(): number {
    return this.#count
  }

  has(line: number): boolean {
    const range = this.#ranges[this.#indexFor(line)]
    return range !== undefined && range[0] <= line
  }

  add(line: number): void {
    if (this.has(line)) return
    this.#count += 1
    const index = this.#indexFor(line)
    const before = this.#ranges[index - 1]
    const after = this.#ranges[index]
    const joinsBefore = before !== undefined && before[1] === line - 1
    const joinsAfter = after !== undefined && after[0] === line + 1
    if (joinsBefore && joinsAfter) {
      before[1] = after[1]
      this.#ranges.splice(index, 1)
    } else if (joinsBefore) before[1] = line
    else if (joinsAfter) after[0] = line
    else this.#ranges.splice(index, 0, [line, line])
  }

  addAll(other: LineRanges): void {
    for (const [from, to] of other.#ranges) for (let line = from; line <= to; line++) this.add(line)
  }

  /** "1-500,502" */
  toString(): string {
    return this.#ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",")
  }

  /** What `toString` gave; undefined when it is anything else. */
  static parse(text: string): LineRanges | undefined {
    if (!/^(\d{1,15}(-\d{1,15})?(,(?=\d)|$))*$/.test(text)) return undefined
    const parsed = new LineRanges()
    let lineBefore = 0
    for (const range of text.split(",").filter((one) => one !== "")) {
      const [from = 0, to = from] = range.split("-").map(Number)
      if (from <= lineBefore || to < from) return undefined
      parsed.#ranges.push([from, to])
      parsed.#count += to - from + 1
      lineBefore = to
    }
    return parsed
  }

  /** The first range that ends at `line` or behind it. */
  #indexFor(line: number): number {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >> 1
      const range = this.#ranges[middle]
      if (range !== undefined && range[1] < line) low = middle + 1
      else high = middle
    }
    return low
  }
}
