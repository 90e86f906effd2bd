/** `go run ./cmd/api serve` in a Makefile or justfile: which program people run, and with what words. */
import { dirname } from "node:path";
import { peelOptions } from "./scripts/options.ts";
import { recipesIn } from "./scripts/recipes.ts";
import { readLine, type Word, word } from "./scripts/shell.ts";

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

const targets = ["dev", "watch", "run", "serve", "server", "start", "run-dev"];
const valued = ["-tags", "-ldflags", "-gcflags", "-mod", "-exec", "-p", "-asmflags"];

/** `wgo run . serve`, `gow -e=go run .`, `reflex -s -- go run .`, without what watches in front. */
function unwatched(words: readonly Word[]): readonly Word[] {
  const name = words[0]?.text ?? "";
  const at = words.findIndex(({ text }) => text === "run");
  if (at < 1 || !/^(?:wgo|gow|reflex|watchexec|nodemon|entr)$/.test(name)) return words;
  const isOwn = name === "wgo" || name === "gow";
  return isOwn || words[at - 1]?.text === "go" ? [word("go"), ...words.slice(at)] : words;
}

export function goRunIn(directory: string, env: NodeJS.ProcessEnv): GoRun | undefined {
  for (const { file, target, lines } of recipesIn(directory, targets, env)) {
    const [step, ...others] = lines.length === 1 ? (readLine(lines[0] ?? "")?.steps ?? []) : [];
    if (step === undefined || others.length > 0 || step.command.redirections.length > 0) continue;
    const { assignments } = step.command;
    const words = unwatched(step.command.words);
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
