import { cutTo } from "./terminal.ts"

export interface Column {
  readonly title: string
  readonly align?: "right"
}

const gap = "  "

/**
 * Lines of a table: titles first, columns as wide as their widest cell. When they don't fit in `width`, the first column,
 * which holds the names, gives way down to ten characters.
 */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const titles = columns.map(({ title }) => title)
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => row[index]?.length ?? 0)))
  const tooWide = widths.reduce((sum, one) => sum + one + gap.length, -gap.length) - width
  const [first = 0] = widths
  if (tooWide > 0) widths[0] = Math.max(Math.min(first, 10), first - tooWide)
  return [titles, ...rows].map((row) =>
    columns
      .map(({ align }, index) => {
        const cellWidth = widths[index] ?? 0
        const cell = cutTo(cellWidth, row[index] ?? "")
        return align === "right" ? cell.padStart(cellWidth) : cell.padEnd(cellWidth)
      })
      .join(gap)
      .trimEnd(),
  )
}
