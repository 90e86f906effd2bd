/** Figures and tables in Markdown. */

export const figure = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "–" : value.toLocaleString("en");

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (words: readonly string[]): string =>
    `| ${words.map((word) => word.replaceAll("|", "\\|")).join(" | ")} |`;
  return [cells(head), cells(head.map(() => "---")), ...rows.map(cells)].join("\n");
}
