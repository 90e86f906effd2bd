/** What stands in front of the program of a line: where it changes to, what it sets, and what it has done first. */
import { resolve } from "node:path";
import { withoutFallback } from "./endings.ts";
import { type Package, readPackage } from "./package.ts";
import type { StepBefore } from "./preparing.ts";
import type { ShellStep, Simple, Word } from "./shell.ts";
import { fileOfWord, fileSourced, startsExporting } from "./sourcing.ts";

export interface Leading {
  readonly place: Package;
  readonly env: Readonly<Record<string, string>>;
  readonly envFiles: readonly string[];
  /** What the shell of the program has to be told as well. */
  readonly prelude: readonly string[];
  readonly before: readonly StepBefore[];
}

/** What they do holds for the shell that does it, and for what that starts. */
const ofShell = new Set(["ulimit", "umask", "unset", "eval", "nvm", "shopt", "alias", "trap", ".", "source"]);
/** They show something, or nothing, and are no work. */
const idle = new Set(["clear", "cls", "reset", "true", ":"]);
/** What follows them with && is done only where they say so. */
const asking = new Set(["[", "test", "command", "which", "type"]);

const nameOf = ({ command }: ShellStep): string => command.words[0]?.text ?? command.words[0]?.raw ?? "";

/** @returns a text: why it cannot be told */
export function leadingOf(prefix: readonly ShellStep[], main: ShellStep, pkg: Package): Leading | string {
  let place = pkg;
  const env: Record<string, string> = {};
  const envFiles: string[] = [];
  const prelude: string[] = [];
  const before: StepBefore[] = [];
  let isExporting = false;
  for (const { steps, next } of listsOf(prefix, main)) {
    const joint = next === ";" ? ";" : " &&";
    if (steps.length > 1) {
      if (steps.some((step) => ["cd", "export", "set", ""].includes(nameOf(step)))) return decides(steps);
      const line = `{ ${lineOfSteps(steps)}${next === ";" ? " || true" : ""}; }`;
      if (steps.some((step) => ofShell.has(nameOf(step)))) prelude.push(`${line} &&`);
      else before.push({ line, directory: place.directory });
      continue;
    }
    const [step] = steps;
    if (step === undefined) continue;
    const { command, raw } = step;
    const name = nameOf(step);
    const sourced = fileSourced(command, isExporting, place.directory);
    if (sourced !== undefined) envFiles.push(sourced);
    else if (ofShell.has(name))
      prelude.push(...(isExporting && /^(?:\.|source)$/.test(name) ? ["set -a &&"] : []), `${raw}${joint}`);
    else if (name === "cd") {
      const [, to] = command.words;
      if (prelude.length > 0 || to?.text === undefined) return "it changes its directory where only a shell can tell";
      place = packageAt(place, to.text);
    } else if (name === "" || name === "export") {
      const files = command.words.slice(1).map(fileOfWord);
      const words = command.words.slice(1).filter((_, index) => files[index] === undefined);
      envFiles.push(...files.filter((file) => file !== undefined));
      const set = assigned(words);
      // A variable that is not exported is one of the shell.
      if (name === "" || set.length < words.length) prelude.push(`${raw}${joint}`);
      else for (const [variable, value] of set) env[variable] = value;
    } else if (name === "set") {
      isExporting ||= startsExporting(command);
      Object.assign(env, onWindows(command));
    } else if (!idle.has(name))
      before.push({ step, directory: place.directory, mayFail: next === ";", prelude: [...prelude] });
  }
  return { place, env, envFiles, prelude, before };
}

interface List {
  /** Several are one line for a shell. */
  readonly steps: readonly ShellStep[];
  readonly next: string;
}

/** Pipelines and what is decided stay together, all else is one by one. */
function listsOf(prefix: readonly ShellStep[], main: ShellStep): List[] {
  const groups: ShellStep[][] = [];
  for (const step of prefix) {
    const isDecided = step.joint === "&&" && groups.at(-1)?.some((each) => asking.has(nameOf(each))) === true;
    if (step.joint === "|" || step.joint === "||" || isDecided) groups.at(-1)?.push(step);
    else groups.push([step]);
  }
  // `a && b || c`: what is before the alternative belongs to it.
  const joined = groups.reduce<ShellStep[][]>((all, group) => {
    const isAlternative = group.some(({ joint }, at) => at > 0 && joint === "||");
    const last = all.at(-1);
    if (isAlternative && last !== undefined && group[0]?.joint === "&&") last.push(...group);
    else all.push(group);
    return all;
  }, []);
  return joined.map((steps, at) => {
    const next = (joined[at + 1]?.[0] ?? main).joint;
    const own = withoutFallback(steps);
    if (own.length === steps.length) return { steps, next };
    // `tsc || true && node a.js`: what comes next comes in any case; `tsc || exit 1; node a.js`: it does not.
    return { steps: own, next: nameOf(steps.at(-1) ?? main) === "exit" ? "&&" : ";" };
  });
}

const lineOfSteps = (steps: readonly ShellStep[]): string =>
  steps.map(({ joint, raw }, at) => (at === 0 ? raw : `${joint} ${raw}`)).join(" ");

const decides = (steps: readonly ShellStep[]): string =>
  steps.some(({ joint }) => joint === "||")
    ? "it decides with || what to run"
    : `only a shell can tell what ${lineOfSteps(steps)} does`;

const assigned = (words: readonly Word[]): [string, string][] =>
  words.flatMap(({ text }): [string, string][] => {
    const [, name, value = ""] = /^(\w+)=([\s\S]*)$/.exec(text ?? "") ?? [];
    return name === undefined ? [] : [[name, value]];
  });

/** In a POSIX shell, `set A=b` sets nothing that a program could see. */
const onWindows = ({ words }: Simple): Record<string, string> =>
  process.platform === "win32" ? Object.fromEntries(assigned(words.slice(1))) : {};

function packageAt(pkg: Package, directory: string): Package {
  const there = resolve(pkg.directory, directory);
  const found = readPackage(there, pkg.env);
  return found === undefined || found === "broken" ? { ...pkg, directory: there } : found;
}
