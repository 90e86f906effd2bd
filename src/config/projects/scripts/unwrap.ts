/** From a script to the program that it comes to: through variables, other scripts and wrappers, and without its watcher. */
import { relative } from "node:path";
import { around } from "./around.ts";
import { behindUnknown } from "./behind-unknown.ts";
import { broughtBy } from "./brought.ts";
import { compilerIn, isCopier, isWatching, once } from "./compilers.ts";
import { upToWatcher, withoutFallback } from "./endings.ts";
import { leadingOf } from "./leading.ts";
import { fromNest } from "./nest.ts";
import { startsByCode } from "./own-start.ts";
import type { Package } from "./package.ts";
import { joinParts } from "./parts.ts";
import { prepared, preparedBy } from "./preparing.ts";
import { mapProgram, type Program, programOf, type ScriptPart, type ScriptReading, within } from "./program.ts";
import { type RunnerStart, runners } from "./runners.ts";
import { selfWatching } from "./self-watching.ts";
import { lineOf, quote, readLine, type ShellStep, type Simple, type Word } from "./shell.ts";
import { shellFile } from "./shell-file.ts";
import type { Unwatched } from "./unwatched.ts";
import { watchers } from "./watchers.ts";
import { wiredScript } from "./wireit.ts";
import { type Unwrapped, wrappers } from "./wrappers.ts";

/** @param seen scripts that lead here, so that one which calls itself has an end */
export function readScript(
  pkg: Package,
  name: string,
  words: readonly Word[] = [],
  seen: readonly string[] = [],
): ScriptReading {
  const id = `${pkg.directory}\0${name}`;
  if (seen.includes(id)) return { is: "unreadable", why: `script "${name}" calls itself` };
  const script = [pkg.scripts[name] ?? "", ...words.map(({ raw }) => raw)].join(" ");
  const reading =
    pkg.scripts[name]?.trim() === "wireit"
      ? readWireit(pkg, name, words, [...seen, id])
      : readShell(script, pkg, [...seen, id]);
  const before = pkg.scripts[`pre${name}`];
  if (before === undefined) return reading;
  return mapProgram(reading, (program) => preparedBy(program, before, pkg));
}

/** https://github.com/google/wireit: what a script does stands in a table of its own. */
function readWireit(pkg: Package, name: string, words: readonly Word[], seen: readonly string[]): ScriptReading {
  const wired = wiredScript(pkg, name, words);
  if (typeof wired === "string") return { is: "unreadable", why: wired };
  return mapProgram(readShell(wired.line, pkg, seen), within(wired.env));
}

/** A line of a shell. */
export function readShell(text: string, pkg: Package, seen: readonly string[] = []): ScriptReading {
  const braces = /^\s*\{\s([^{}]*);\s*\}\s*$/.exec(text)?.[1];
  if (braces !== undefined) return readShell(braces, pkg, seen);
  const line = readLine(text);
  if (line === undefined) return { is: "unreadable", why: "it is more than a list of commands" };
  if (line.steps.length === 0) return { is: "unreadable", why: "it is empty" };
  const steps = withoutFallback(line.steps);
  const alternative = steps.findLastIndex(({ joint }) => joint === "||");
  // What is decided in front of the program may be as it is: `test -f .env || cp .env.example .env; node a.js`
  if (alternative >= 0 && !/^(?:&&|;)$/.test(steps.slice(alternative + 1).at(-1)?.joint ?? ""))
    return { is: "unreadable", why: "it decides with || what to run" };
  if (/\$\{?npm_/.test(text)) return { is: "unreadable", why: "it needs variables of its package manager" };
  const groups = grouped(steps);
  if (groups.length > 1) return joinParts(groups.map((group) => partOf(group, pkg, seen)));
  return readSequence(groups[0] ?? steps, pkg, seen);
}

/** What `&` sends to the background runs beside the rest. */
function grouped(steps: readonly ShellStep[]): (readonly ShellStep[])[] {
  const groups: ShellStep[][] = [[]];
  for (const step of steps) {
    // On Windows one stands behind the other.
    if (step.joint === "&" && process.platform !== "win32") groups.push([]);
    groups.at(-1)?.push(step);
  }
  // `set A=b & node server.js` is written for Windows; elsewhere it does nothing.
  const isSet = ({ command }: ShellStep): boolean => /^set$/i.test(command.words[0]?.raw ?? "");
  const doing = groups.filter((group) => !group.every(isSet) && group[0]?.command.words[0]?.text !== "wait");
  return doing.length === 0 ? groups : doing;
}

const partOf = (steps: readonly ShellStep[], pkg: Package, seen: readonly string[]): ScriptPart => ({
  line: steps.map(({ joint, raw }, index) => (index === 0 ? raw : `${joint} ${raw}`)).join(" "),
  reading: readSequence(steps, pkg, seen),
});

/** One after the other: the last is the program, those before it prepare it. */
function readSequence(all: readonly ShellStep[], pkg: Package, seen: readonly string[]): ScriptReading {
  const { steps, atEnd } = upToWatcher(all, ({ command }) => readCommand(command, pkg, seen));
  const last = steps.findLastIndex(({ joint }) => joint !== "|");
  const [main, ...piped] = steps.slice(last);
  if (main === undefined) return { is: "unreadable", why: "it is empty" };
  const leading = leadingOf(steps.slice(0, last), main, pkg);
  if (typeof leading === "string") return { is: "unreadable", why: leading };
  const { place, env, envFiles, prelude, before } = leading;
  const reading = mapProgram(readCommand(main.command, place, seen), (program) => ({
    ...within(env)(program),
    prelude: [...prelude, ...program.prelude],
    envFiles: [...envFiles, ...program.envFiles],
    pipe: [program.pipe, ...piped.map(({ raw }) => `| ${raw}`)].filter((part) => part !== "").join(" "),
  }));
  return mapProgram(reading, (program) =>
    prepared({ ...program, settings: [...program.settings, ...atEnd] }, before, place),
  );
}

// ── one command ────────────────────────────────────────────────────────────────────────────────────────────────────

function readCommand(command: Simple, pkg: Package, seen: readonly string[]): ScriptReading {
  const known = command.assignments.flatMap(({ name, value }) =>
    value.text === undefined ? [] : [[name, value.text]],
  );
  const unknown = command.assignments.filter(({ value }) => value.text === undefined);
  const reading = readWords({ ...command, assignments: [] }, pkg, seen);
  return mapProgram(reading, within(Object.fromEntries(known), unknown));
}

function readWords(command: Simple, pkg: Package, seen: readonly string[]): ScriptReading {
  const [program, ...args] = command.words;
  if (program === undefined) return { is: "unreadable", why: "it runs nothing" };
  if (program.text === undefined) return { is: "unreadable", why: `only a shell can tell what ${program.raw} is` };
  const called = broughtBy(command.words);
  if (called !== undefined && isKnown(called)) return readWords({ ...command, words: called }, pkg, seen);
  const name = program.text.replace(/^.*node_modules\/\.bin\//, "").replace(/\.cmd$/, "");
  if (name === "reload" || name === "reload-dev") return { is: "reload" };
  const own = {
    ...command,
    words: [{ ...program, text: name, raw: name === program.text ? program.raw : name }, ...args],
  };

  const started = runners[name]?.(args, pkg);
  if (started !== undefined) return keep(command, readStarted(started, pkg, seen));
  const wrapped = wrappers[name]?.(args, pkg) ?? fileOfShell(program.text, args, pkg.directory);
  if (wrapped !== undefined) {
    const inner =
      typeof wrapped.starts === "string"
        ? readShell(wrapped.starts, pkg, seen)
        : readWords({ ...own, words: wrapped.starts }, pkg, seen);
    if (inner.is === "unreadable" && wrapped.file !== undefined)
      return { ...inner, why: inner.why.replace(/^it /, `${wrapped.file} `), text: String(wrapped.starts) };
    return keep(
      command,
      mapProgram(inner, (its_) => around(its_, wrapped)),
    );
  }
  const compiled = compilerIn(own);
  const unwatched = name === "nest" ? fromNest(args, pkg) : watchers[name]?.(args, pkg);
  if (unwatched !== undefined) return keep(command, readUnwatched(unwatched, pkg, seen));
  if (compiled !== undefined && isWatching(own) && startsByCode(pkg.directory, name))
    return { is: "self-watching", name: `${name} --watch` };
  if (compiled !== undefined && isWatching(own))
    return { is: "builder", name: `${name} --watch`, build: { line: once(own), directory: pkg.directory } };
  const dashes = own.words.findIndex(({ text }) => text === "--");
  const server = selfWatching(own.words.slice(0, dashes < 0 ? undefined : dashes));
  if (server !== undefined) return { is: "self-watching", name: server };
  const inner = behindUnknown(own.words, (words) => readWords({ ...own, words }, pkg, seen));
  const passedOn = selfWatching(own.words);
  if (inner === undefined && passedOn !== undefined) return { is: "self-watching", name: passedOn };
  return inner ?? { is: "program", program: programOf(own, pkg.directory) };
}

/** Where output goes to is said around the program. */
const keep = ({ redirections }: Simple, reading: ScriptReading): ScriptReading =>
  redirections.length === 0
    ? reading
    : mapProgram(reading, (program) => (program.redirections.length === 0 ? { ...program, redirections } : program));

function readStarted(started: RunnerStart, pkg: Package, seen: readonly string[]): ScriptReading {
  switch (started.is) {
    case "script":
      return readScript(started.pkg, started.name, started.words, seen);
    case "program":
      return readWords({ assignments: [], words: started.words, redirections: [] }, started.pkg, seen);
    case "members":
      return joinParts(
        started.starts.map(({ pkg: member, name }) => ({
          line: `cd ${quote(relative(pkg.directory, member.directory))} && ${member.manager} run ${name}`,
          reading: readScript(member, name, [], seen),
        })),
      );
    case "processes": {
      const { processes, envFiles } = started;
      const parts = processes.map(({ name, line, env }) => ({
        name,
        line,
        env,
        reading: mapProgram(readShell(line, pkg, seen), within(env)),
      }));
      return mapProgram(joinParts(parts), (program) => ({ ...program, envFiles: [...envFiles, ...program.envFiles] }));
    }
    case "lines": {
      if (started.lines.length === 1) return readShell(started.lines[0] ?? "", pkg, seen);
      if (!started.together) return readShell(started.lines.join(" && "), pkg, seen);
      return joinParts(started.lines.map((line) => ({ line, reading: readShell(line, pkg, seen) })));
    }
  }
}

function readUnwatched(
  { watcher, starts, build, env = {}, settings = [], lost = [] }: Unwatched,
  pkg: Package,
  seen: readonly string[],
): ScriptReading {
  const inner =
    typeof starts === "string"
      ? readShell(starts, pkg, seen)
      : watcher === undefined || /^(?:node|bun|deno|tsx|ts-node|fastify|vite-node)$/.test(starts[0]?.text ?? "")
        ? plain(starts, pkg)
        : readWords({ assignments: [], words: starts, redirections: [] }, pkg, seen);
  const [only] = inner.is === "program" ? [inner.program] : [];
  // `tsc-watch --onSuccess tsc-alias` runs nothing.
  if (only !== undefined && build !== undefined && (compilerIn(only) !== undefined || isCopier(only)))
    return {
      is: "builder",
      name: watcher ?? "",
      build: { line: `${build} && ${lineOf(only)}`, directory: pkg.directory },
    };
  // What goes round does all of its line again: `nodemon --exec "node generate.js && node server.js"`
  const again = (program: Program): Pick<Program, "once" | "builds"> =>
    watcher === undefined || program.watcher !== undefined
      ? program
      : { once: [], builds: [...program.once, ...program.builds] };
  return mapProgram(inner, (program) => ({
    ...within(env)(program),
    watcher: watcher ?? program.watcher,
    once: again(program).once,
    builds: [...(build === undefined ? [] : [{ line: build, directory: pkg.directory }]), ...again(program).builds],
    settings: [...settings, ...program.settings],
    lost: [...lost, ...program.lost],
  }));
}

/** By any name under which a dependency brought it: what it is called stands in one of the tables. */
const isKnown = ([program]: readonly Word[]): boolean => {
  const name = program?.text ?? "";
  return [runners, wrappers, watchers].some((table) => Object.hasOwn(table, name)) || /^(?:nest|tsc)$/.test(name);
};

function fileOfShell(file: string, args: readonly Word[], directory: string): Unwrapped | undefined {
  const starts = args.length === 0 && file.includes("/") ? shellFile(directory, file) : undefined;
  return starts === undefined ? undefined : { starts, file };
}

const plain = (words: readonly Word[], pkg: Package): ScriptReading => ({
  is: "program",
  program: programOf({ assignments: [], words, redirections: [] }, pkg.directory),
});
