/** The little Markdown that the generated tables and the tests of the pages need. */

/** A table whose cells are Markdown already. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n")
}

/** A text as it is, in a cell too. */
export function code(text: string): string {
  return `\`${text}\``
}

/** What a heading is linked by: GitHub's rule. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-")
}
