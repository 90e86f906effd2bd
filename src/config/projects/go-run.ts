/** `go run ./cmd/api serve` in a Makefile or justfile: which program people run, and with what words. */
import { dirname } from "node:path";
import { peelOptions } from "./scripts/options.ts";
import { recipesIn } from "./scripts/recipes.ts";
import { readLine } from "./scripts/shell.ts";

export interface GoRun {
  /** `run of Makefile` */
  readonly how: string;
  /** As `go build` takes it. */
  readonly main: string;
  /** `-tags dev`, as they stand there. */
  readonly flags: readonly string[];
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const targets = ["dev", "run", "serve", "server", "start", "run-dev"];
const valued = ["-tags", "-ldflags", "-gcflags", "-mod", "-exec", "-p", "-asmflags"];

export function goRunIn(directory: string): GoRun | undefined {
  for (const { file, target, lines } of recipesIn(directory, targets)) {
    const [step, ...others] = lines.length === 1 ? (readLine(lines[0] ?? "")?.steps ?? []) : [];
    if (step === undefined || others.length > 0 || step.command.redirections.length > 0) continue;
    const { assignments, words } = step.command;
    if (words[0]?.text !== "go" || words[1]?.text !== "run" || words.some(({ text }) => text === undefined)) continue;
    const { kept, rest } = peelOptions(words.slice(2), { values: valued, dropped: [] });
    const texts = rest.map(({ text }) => text ?? "");
    const files = texts.findIndex((text) => !text.endsWith(".go"));
    const sources = files < 0 ? texts : texts.slice(0, files);
    const [first] = texts;
    if (first === undefined || assignments.some(({ value }) => value.text === undefined)) continue;
    const place = sources.length > 0 ? dirname(first) : first;
    return {
      how: `${target} of ${file}`,
      main: /^\.{1,2}(?:\/|$)/.test(place) ? place.replace(/(?<=.)\/$/, "") : `./${place}`,
      flags: kept.map(({ raw }) => raw),
      words: sources.length > 0 ? texts.slice(sources.length) : texts.slice(1),
      env: Object.fromEntries(assignments.map(({ name, value }) => [name, value.text ?? ""])),
    };
  }
  return undefined;
}
