/** From a script to the program that it comes to: through variables, other scripts and wrappers, and without its watcher. */
import { relative, resolve } from "node:path";
import { around } from "./around.ts";
import { compilerIn, isWatching, once } from "./compilers.ts";
import { fromNest } from "./nest.ts";
import { type Package, readPackage } from "./package.ts";
import { joinParts } from "./parts.ts";
import { prepared, preparedBy, type StepBefore } from "./preparing.ts";
import { mapProgram, programOf, type ScriptPart, type ScriptReading, within } from "./program.ts";
import { type RunnerStart, runners } from "./runners.ts";
import { selfWatching } from "./self-watching.ts";
import { quote, readLine, type ShellStep, type Simple, type Word } from "./shell.ts";
import { fileOfWord, fileSourced, startsExporting } from "./sourcing.ts";
import type { Unwatched } from "./unwatched.ts";
import { watchers } from "./watchers.ts";
import { wrappers } from "./wrappers.ts";

/** @param seen scripts that lead here, so that one which calls itself has an end */
export function readScript(
  its: Package,
  name: string,
  words: readonly Word[] = [],
  seen: readonly string[] = [],
): ScriptReading {
  const id = `${its.directory}\0${name}`;
  if (seen.includes(id)) return { is: "unreadable", why: `script "${name}" calls itself` };
  const script = [its.scripts[name] ?? "", ...words.map(({ raw }) => raw)].join(" ");
  const reading = readShell(script, its, [...seen, id]);
  const before = its.scripts[`pre${name}`];
  if (before === undefined) return reading;
  return mapProgram(reading, (program) => preparedBy(program, before, its));
}

/** A line of a shell. */
export function readShell(text: string, its: Package, seen: readonly string[] = []): ScriptReading {
  const line = readLine(text);
  if (line === undefined) return { is: "unreadable", why: "it is more than a list of commands" };
  if (line.steps.length === 0) return { is: "unreadable", why: "it is empty" };
  const alternative = line.steps.findLastIndex(({ joint }) => joint === "||");
  // What is decided in front of the program may be as it is: `test -f .env || cp .env.example .env; node a.js`
  if (alternative >= 0 && !/^(?:&&|;)$/.test(line.steps.slice(alternative + 1).at(-1)?.joint ?? ""))
    return { is: "unreadable", why: "it decides with || what to run" };
  if (/\$\{?npm_/.test(text)) return { is: "unreadable", why: "it needs variables of its package manager" };
  const groups = grouped(line.steps);
  if (groups.length > 1) return joinParts(groups.map((steps) => partOf(steps, its, seen)));
  return readSequence(line.steps, its, seen);
}

/** What `&` sends to the background runs beside the rest. */
function grouped(steps: readonly ShellStep[]): (readonly ShellStep[])[] {
  const groups: ShellStep[][] = [[]];
  for (const step of steps) {
    if (step.joint === "&") groups.push([]);
    groups.at(-1)?.push(step);
  }
  return groups;
}

const partOf = (steps: readonly ShellStep[], its: Package, seen: readonly string[]): ScriptPart => ({
  line: steps.map(({ joint, raw }, index) => (index === 0 ? raw : `${joint} ${raw}`)).join(" "),
  reading: readSequence(steps, its, seen),
});

/** One after the other: the last is the program, those before it prepare it. */
function readSequence(steps: readonly ShellStep[], its: Package, seen: readonly string[]): ScriptReading {
  const last = steps.findLastIndex(({ joint }) => joint !== "|");
  const [main, ...piped] = steps.slice(last);
  if (main === undefined) return { is: "unreadable", why: "it is empty" };
  let place = its;
  const env: Record<string, string> = {};
  const envFiles: string[] = [];
  let isExporting = false;
  const before: StepBefore[] = [];
  const prefix = steps.slice(0, last);
  if (prefix.some(({ joint }) => joint === "||")) {
    const decided = alternatives(prefix, main, place);
    if (decided === undefined) return { is: "unreadable", why: "it decides with || what to run" };
    return mapProgram(readSequence([...decided.rest, main, ...piped], its, seen), (program) => ({
      ...program,
      once: [decided.before, ...program.once],
    }));
  }
  for (const [at, step] of prefix.entries()) {
    const [program, first] = step.command.words;
    const sourced = fileSourced(step.command, isExporting, place.directory);
    isExporting ||= startsExporting(step.command);
    if (sourced !== undefined) {
      envFiles.push(sourced);
      continue;
    }
    if (program?.text === "." || program?.text === "source")
      return { is: "unreadable", why: `only a shell can tell what ${first?.raw ?? "it"} sets` };
    if (step.joint === "|") return { is: "unreadable", why: "it prepares its program with a pipe" };
    if (program?.text === "cd" && first?.text !== undefined) place = packageAt(place, first.text);
    else if (program === undefined || program.text === "export") {
      const words = step.command.words.slice(1);
      const files = words.map(fileOfWord);
      if (
        words.some(
          ({ text }, index) =>
            text === undefined && files[index] === undefined && !/^\w+=/.test(words[index]?.raw ?? ""),
        )
      )
        return { is: "unreadable", why: `only a shell can tell what ${step.raw} sets` };
      envFiles.push(...files.filter((file) => file !== undefined));
      const set =
        program === undefined
          ? step.command.assignments
          : assigned(words.filter((_, index) => files[index] === undefined));
      for (const { name, value } of set) {
        if (value.text === undefined) return { is: "unreadable", why: `only a shell can tell ${name}` };
        env[name] = value.text;
      }
      // In a POSIX shell, `set A=b` sets nothing that a program could see.
    } else if (program.text !== "set")
      before.push({ step, directory: place.directory, mayFail: (prefix[at + 1] ?? main).joint === ";" });
  }
  const reading = mapProgram(readCommand(main.command, place, seen), (program) => ({
    ...within(env)(program),
    envFiles: [...envFiles, ...program.envFiles],
    pipe: [program.pipe, ...piped.map(({ raw }) => `| ${raw}`)].filter((part) => part !== "").join(" "),
  }));
  return mapProgram(reading, (program) => prepared(program, before, place));
}

/** What stands in front of a program up to its last alternative is one line for a shell. */
function alternatives(prefix: readonly ShellStep[], main: ShellStep, place: Package) {
  const last = prefix.findLastIndex(({ joint }) => joint === "||");
  const own = prefix.slice(0, last + 1);
  const rest = prefix.slice(last + 1);
  const next = (rest[0] ?? main).joint;
  const isPlain = own.every(({ command }) => !["cd", "export", "set", "."].includes(command.words[0]?.raw ?? "set"));
  if (!isPlain || own.some(({ joint }) => joint === "|") || (next !== "&&" && next !== ";")) return undefined;
  const line = own.map(({ joint, raw }, at) => (at === 0 ? raw : `${joint} ${raw}`)).join(" ");
  return { rest, before: { line: `{ ${line}${next === ";" ? " || true" : ""}; }`, directory: place.directory } };
}

const assigned = (words: readonly Word[]): Simple["assignments"] =>
  words.flatMap((word) => {
    const [, name, text] = /^(\w+)=([\s\S]*)$/.exec(word.text ?? "") ?? [];
    return name === undefined ? [] : [{ name, value: { raw: text ?? "", text } }];
  });

function packageAt(its: Package, directory: string): Package {
  const there = resolve(its.directory, directory);
  const found = readPackage(there, its.env);
  return found === undefined || found === "broken" ? { ...its, directory: there } : found;
}

// ── one command ────────────────────────────────────────────────────────────────────────────────────────────────────

function readCommand(command: Simple, its: Package, seen: readonly string[]): ScriptReading {
  const known = command.assignments.flatMap(({ name, value }) =>
    value.text === undefined ? [] : [[name, value.text]],
  );
  const unknown = command.assignments.filter(({ value }) => value.text === undefined);
  const reading = readWords({ ...command, assignments: [] }, its, seen);
  return mapProgram(reading, within(Object.fromEntries(known), unknown));
}

function readWords(command: Simple, its: Package, seen: readonly string[]): ScriptReading {
  const [program, ...args] = command.words;
  if (program === undefined) return { is: "unreadable", why: "it runs nothing" };
  if (program.text === undefined) return { is: "unreadable", why: `only a shell can tell what ${program.raw} is` };
  const name = program.text.replace(/^.*node_modules\/\.bin\//, "").replace(/\.cmd$/, "");
  if (name === "reload" || name === "reload-dev") return { is: "reload" };
  const own = {
    ...command,
    words: [{ ...program, text: name, raw: name === program.text ? program.raw : name }, ...args],
  };

  const started = runners[name]?.(args, its);
  if (started !== undefined) return keep(command, readStarted(started, its, seen));
  const wrapped = wrappers[name]?.(args, its);
  if (wrapped !== undefined) {
    const inner =
      typeof wrapped.starts === "string"
        ? readShell(wrapped.starts, its, seen)
        : readWords({ ...own, words: wrapped.starts }, its, seen);
    return keep(
      command,
      mapProgram(inner, (its_) => around(its_, wrapped)),
    );
  }
  const compiled = compilerIn(own);
  const unwatched = name === "nest" ? fromNest(args, its) : watchers[name]?.(args, its);
  if (unwatched !== undefined) return keep(command, readUnwatched(unwatched, its, seen));
  if (compiled !== undefined && isWatching(own))
    return { is: "builder", name: `${name} --watch`, build: { line: once(own), directory: its.directory } };
  const server = selfWatching(own.words);
  if (server !== undefined) return { is: "self-watching", name: server };
  return { is: "program", program: programOf(own, its.directory) };
}

/** Where output goes to is said around the program. */
const keep = ({ redirections }: Simple, reading: ScriptReading): ScriptReading =>
  redirections.length === 0
    ? reading
    : mapProgram(reading, (program) => (program.redirections.length === 0 ? { ...program, redirections } : program));

function readStarted(started: RunnerStart, its: Package, seen: readonly string[]): ScriptReading {
  switch (started.is) {
    case "script":
      return readScript(started.its, started.name, started.words, seen);
    case "program":
      return readWords({ assignments: [], words: started.words, redirections: [] }, started.its, seen);
    case "members":
      return joinParts(
        started.starts.map(({ its: member, name }) => ({
          line: `cd ${quote(relative(its.directory, member.directory))} && ${member.manager} run ${name}`,
          reading: readScript(member, name, [], seen),
        })),
      );
    case "lines": {
      if (started.lines.length === 1) return readShell(started.lines[0] ?? "", its, seen);
      if (!started.together) return readShell(started.lines.join(" && "), its, seen);
      return joinParts(started.lines.map((line) => ({ line, reading: readShell(line, its, seen) })));
    }
  }
}

function readUnwatched(
  { watcher, starts, build, env = {}, settings = [], lost = [] }: Unwatched,
  its: Package,
  seen: readonly string[],
): ScriptReading {
  const inner =
    typeof starts === "string"
      ? readShell(starts, its, seen)
      : watcher === undefined || /^(?:node|bun|deno|tsx|ts-node|fastify|vite-node)$/.test(starts[0]?.text ?? "")
        ? plain(starts, its)
        : readWords({ assignments: [], words: starts, redirections: [] }, its, seen);
  return mapProgram(inner, (program) => ({
    ...within(env)(program),
    watcher: watcher ?? program.watcher,
    builds: [...(build === undefined ? [] : [{ line: build, directory: its.directory }]), ...program.builds],
    settings: [...settings, ...program.settings],
    lost: [...lost, ...program.lost],
  }));
}

const plain = (words: readonly Word[], its: Package): ScriptReading => ({
  is: "program",
  program: programOf({ assignments: [], words, redirections: [] }, its.directory),
});
