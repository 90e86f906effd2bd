/** Results → files: the JSON (rows that were not measured keep their last figures), the page, the pictures. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { goalsOf } from "./goals.ts";
import { page } from "./page.ts";
import { type Bar, bars } from "./picture.ts";
import type { Results } from "./results.ts";
import { round } from "./statistics.ts";

/** Without results the page is made anew from the figures that are there. */
export function write(results: Results | undefined, out: string, say: (line: string) => void): void {
  mkdirSync(out, { recursive: true });
  const file = join(out, "results.json");
  const last = read(file);
  const all = results === undefined ? last : { ...last, ...results };
  if (all === undefined) throw new Error(`${file} is missing: nothing has been measured yet`);
  writeFileSync(file, `${JSON.stringify(all, null, 1)}\n`);
  const { saves, scale } = all;
  if (saves !== undefined)
    writeFileSync(
      join(out, "saves.svg"),
      bars("Save → first instruction of the new process, no build, defaults", "ms", savers(all)),
    );
  if (scale !== undefined)
    writeFileSync(join(out, "ready.svg"), bars("10,000 files: start → last watch in place", "ms", watchers(all)));
  const pageFile = join(dirname(out), "performance.md");
  writeFileSync(pageFile, `${page(all).trimEnd()}\n${projectsIn(pageFile)}`);
  for (const goal of goalsOf(all))
    say(
      `${goal.met === undefined ? "    " : goal.met ? "met " : "MISS"} ${goal.row}  ${goal.what}: ${goal.measured.replaceAll("**", "")} (${goal.goal})`,
    );
  say(`written: ${file}, ${join(dirname(out), "performance.md")}`);
}

/** What `npm run projects` wrote at the end of the page. */
function projectsIn(file: string): string {
  try {
    return /\n## Small projects[\s\S]*$/.exec(readFileSync(file, "utf8"))?.[0] ?? "";
  } catch {
    return "";
  }
}

function read(file: string): Results | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function savers({ saves }: Results): readonly Bar[] {
  return [...(saves?.any ?? [])]
    .filter((row) => row.setting !== "best" && row.time !== undefined)
    .sort((a, b) => (a.time?.median ?? 0) - (b.time?.median ?? 0))
    .map((row) => ({
      name: row.tool,
      value: row.time?.median ?? 0,
      isOurs: row.tool === "reload",
      ...(row.setting === "bare" ? { note: "lower bound" } : {}),
    }));
}

function watchers({ scale }: Results): readonly Bar[] {
  return [...(scale ?? [])]
    .filter((row) => row.files === 10_000 && row.readyMs !== undefined)
    .sort((a, b) => (a.readyMs ?? 0) - (b.readyMs ?? 0))
    .map((row) => ({
      name: row.tool,
      value: round(row.readyMs ?? 0),
      isOurs: row.tool === "reload",
      note: `${row.rssMb} MB, ${row.watches.toLocaleString("en")} watches`,
    }));
}
