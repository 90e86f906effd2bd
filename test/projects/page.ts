/** The table of `docs/performance.md`. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { type Compared, median } from "./compare.ts";

const file = "docs/performance.md";
const begin = "<!-- generated: projects -->";
const end = "<!-- end: projects -->";

export function writePage(compared: readonly Compared[]): void {
  const text = readFileSync(file, "utf8");
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < 0) throw new Error(`${file} has no place for the table of projects`);
  writeFileSync(file, `${text.slice(0, from)}${begin}\n${page(compared)}\n${text.slice(to)}`);
}

function page(compared: readonly Compared[]): string {
  const saves = compared[0]?.ours.savesMs.length ?? 0;
  const rows = compared.map(({ app, theirs, ours }) => {
    const [their, our] = [median(theirs.savesMs), median(ours.savesMs)];
    const cells = [
      app.name,
      ms(their),
      ms(our),
      (our / their).toFixed(2),
      theirs.refused,
      ours.refused,
      `${theirs.broken} / ${ours.broken}`,
      `${theirs.left} / ${ours.left}`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "",
    `Measured on ${new Date().toISOString().slice(0, 10)}, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1) ?? "?"} at the end, ${saves} saves each, medians. Refused: requests that found no server, of one every 10 ms, in all saves together. Broken off: requests that a server took and did not answer.`,
    "",
    "| project and its tool | save → answer, its tool | `reload`, no file | ratio | refused, its tool | refused, `reload` | broken off, both | left behind, both |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
  ].join("\n");
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;
