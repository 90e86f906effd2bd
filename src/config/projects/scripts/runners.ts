/** Package managers and runners of scripts: which scripts a line starts, where, and whether one after the other. */
import { resolve } from "node:path";
import { ofFilter, ofMatching, ofMembers } from "./members.ts";
import { peelEverywhere, peelOptions } from "./options.ts";
import { localProgram, type Package, readPackage, workspaceMember } from "./package.ts";
import { fromProcfile } from "./procfile-lines.ts";
import { fromNpmWatch, fromRecipes, justfiles, makefiles } from "./recipes.ts";
import type { Word } from "./shell.ts";
import { fromConcurrently, fromRunAll, scriptsOf } from "./side-by-side.ts";

interface RunnerProcess {
  readonly name: string;
  readonly line: string;
  readonly env: Readonly<Record<string, string>>;
}

export type RunnerStart =
  /** A script of a package, with words that are added to it. */
  | { readonly is: "script"; readonly pkg: Package; readonly name: string; readonly words: readonly Word[] }
  /** A program that a dependency brought. */
  | { readonly is: "program"; readonly words: readonly Word[]; readonly pkg: Package }
  /** A script of each of several packages. */
  | { readonly is: "members"; readonly starts: readonly { readonly pkg: Package; readonly name: string }[] }
  /** The lines of a Procfile, with the files of variables that they all get. */
  | { readonly is: "processes"; readonly processes: readonly RunnerProcess[]; readonly envFiles: readonly string[] }
  /** Lines, one after the other or all at once. */
  | { readonly is: "lines"; readonly lines: readonly string[]; readonly together: boolean };

/** `undefined`: it starts nothing that could be looked at. */
export type Runner = (args: readonly Word[], pkg: Package) => RunnerStart | undefined;

export const runners: Readonly<Record<string, Runner>> = {
  npm: fromNpm,
  pnpm: (args, pkg) => fromPnpm(args, pkg),
  yarn: fromYarn,
  bun: fromBunRun,
  node: fromNodeRun,
  "run-s": (args, pkg) => scriptsOf(pkg, args, false),
  "run-p": (args, pkg) => scriptsOf(pkg, args, true),
  "npm-run-all": fromRunAll,
  "npm-run-all2": fromRunAll,
  concurrently: fromConcurrently,
  conc: fromConcurrently,
  make: fromRecipes(makefiles),
  just: fromRecipes(justfiles),
  "npm-watch": fromNpmWatch,
  foreman: fromProcfile("foreman"),
  forego: fromProcfile("foreman"),
  honcho: fromProcfile("honcho"),
  nf: fromProcfile("nf"),
  overmind: fromProcfile("overmind"),
  hivemind: fromProcfile("hivemind"),
};

/** Verbs that are scripts. */
const lifecycles = new Set(["start", "test", "stop", "restart"]);

const elsewhere = (pkg: Package, directory: string | undefined): Package | undefined => {
  if (directory === undefined) return pkg;
  const there = readPackage(resolve(pkg.directory, directory), pkg.env);
  return there === "broken" ? undefined : there;
};

function script(pkg: Package | undefined, name: string | undefined, words: readonly Word[]): RunnerStart | undefined {
  if (pkg === undefined || name === undefined || pkg.scripts[name] === undefined) return undefined;
  return { is: "script", pkg, name, words: words[0]?.text === "--" ? words.slice(1) : words };
}

function fromNpm(args: readonly Word[], pkg: Package): RunnerStart | undefined {
  const valued = ["--prefix", "-C", "-w", "--workspace", "--loglevel"];
  const first = peelOptions(args, { values: valued, dropped: ["--prefix", "-C", "-w", "--workspace"] });
  const verb = first.rest[0]?.text;
  const isRun = verb === "run" || verb === "run-script";
  // npm takes its options everywhere in front of `--`.
  const dashes = first.rest.findIndex(({ text }) => text === "--");
  const own = first.rest.slice(1, dashes < 0 ? undefined : dashes);
  const after = dashes < 0 ? [] : first.rest.slice(dashes + 1);
  const second = peelEverywhere(own, { values: valued, dropped: ["--prefix", "-C", "-w", "--workspace"] });
  const words = second.kept.filter(({ raw }) => !/^-(?:s|-silent|-if-present|-quiet)$/.test(raw));
  const given = (...names: string[]): string | undefined =>
    names
      .map((name) => first.dropped.get(name)?.[0] ?? second.dropped.get(name)?.[0])
      .find((each) => each !== undefined);
  const members = ["-w", "--workspace"].flatMap((name) => [
    ...(first.dropped.get(name) ?? []),
    ...(second.dropped.get(name) ?? []),
  ]);
  const isEverywhere = [...first.kept, ...second.kept].some(({ raw }) => raw === "-ws" || raw === "--workspaces");
  if (isRun && (isEverywhere || members.length > 1))
    return ofMembers(pkg, words.find(({ raw }) => !raw.startsWith("-"))?.text, isEverywhere ? undefined : members);
  const member = given("-w", "--workspace");
  const directory = member === undefined ? given("--prefix", "-C") : workspaceMember(pkg, member);
  if (member !== undefined && directory === undefined) return undefined;
  const there = elsewhere(pkg, directory);
  if (verb === "exec" || verb === "x") return fromNpmExec(own, after, there);
  const name = isRun ? words[0]?.text : verb !== undefined && lifecycles.has(verb) ? verb : undefined;
  // Words that are not options are the script's, with and without `--`.
  return script(there, name, [...words.slice(isRun ? 1 : 0).filter(({ raw }) => !raw.startsWith("-")), ...after]);
}

/** `npm exec nodemon -- server.js`, `npm exec -c "nodemon server.js"`: options in front of `--` are npm's own, wherever they stand. */
function fromNpmExec(own: readonly Word[], after: readonly Word[], pkg: Package | undefined): RunnerStart | undefined {
  const valued = ["--prefix", "-C", "-w", "--workspace", "--loglevel", "-p", "--package", "-c", "--call"];
  const { kept, dropped } = peelEverywhere(own, { values: valued, dropped: valued });
  const line = (dropped.get("-c") ?? dropped.get("--call"))?.[0];
  if (line !== undefined && pkg !== undefined) return { is: "lines", lines: [line], together: false };
  const words = [...kept.filter(({ raw }) => !raw.startsWith("-")), ...after];
  return pkg === undefined || words.length === 0 ? undefined : { is: "program", words, pkg };
}

function fromPnpm(args: readonly Word[], pkg: Package): RunnerStart | undefined {
  const valued = ["-C", "--dir", "-F", "--filter"];
  const { kept, dropped, rest } = peelOptions(args, { values: valued, dropped: valued });
  const behind = rest[0]?.text === "run" ? peelOptions(rest.slice(1), { values: valued, dropped: valued }) : undefined;
  const filters = [dropped, behind?.dropped].flatMap((its_) =>
    ["-F", "--filter"].flatMap((name) => its_?.get(name) ?? []),
  );
  const isEverywhere = [...kept, ...(behind?.kept ?? [])].some(({ raw }) =>
    ["-r", "--recursive", "--parallel"].includes(raw),
  );
  const isPattern = filters.some((each) => /[*!{}[\]]|\.\.\./.test(each));
  if (isEverywhere || filters.length > 1 || isPattern) {
    const name = (behind?.rest ?? rest)[0]?.text;
    if (filters.length === 0) return ofMembers(pkg, name);
    // What a pattern leaves out is not told: of two that are named outright it is known.
    return isPattern ? ofMatching(pkg, name, filters) : ofMembers(pkg, name, filters.map(ofFilter));
  }
  const filter = filters[0];
  const directory =
    filter === undefined
      ? (dropped.get("-C")?.[0] ?? dropped.get("--dir")?.[0])
      : workspaceMember(pkg, ofFilter(filter));
  if (filter !== undefined && directory === undefined) return undefined;
  const there = elsewhere(pkg, directory);
  if (behind !== undefined) return script(there, behind.rest[0]?.text, behind.rest.slice(1));
  return verbs(rest, there, ["run"], ["exec"]);
}

/** `run x`, `exec x`, or `x` alone: a script, else a program. */
function verbs(
  words: readonly Word[],
  pkg: Package | undefined,
  run: readonly string[],
  exec: readonly string[],
): RunnerStart | undefined {
  const verb = words[0]?.text;
  if (pkg === undefined || verb === undefined) return undefined;
  if (run.includes(verb)) {
    const { rest } = peelOptions(words.slice(1), { values: [], dropped: [] });
    return script(pkg, rest[0]?.text, rest.slice(1));
  }
  if (exec.includes(verb)) {
    const rest = words[1]?.text === "--" ? words.slice(2) : words.slice(1);
    return rest.length === 0 ? undefined : { is: "program", words: rest, pkg };
  }
  if (builtIn.has(verb)) return undefined;
  return script(pkg, verb, words.slice(1)) ?? { is: "program", words, pkg };
}

/** Verbs of the package managers themselves. */
const builtIn = new Set(
  "install add i ci remove rm up update upgrade dlx create init publish pack link audit why list ls outdated x test dedupe import".split(
    " ",
  ),
);

function fromYarn(args: readonly Word[], pkg: Package): RunnerStart | undefined {
  const { dropped, rest } = peelOptions(args, { values: ["--cwd"], dropped: ["--cwd", "-s", "--silent"] });
  if (rest[0]?.text === "workspaces") {
    // `workspaces run x` was how yarn 1 said it, `workspaces foreach -A run x` is how it is said since.
    const own = ["--include", "--exclude", "--from", "-j", "--jobs"];
    const { dropped: chosen, kept } = peelEverywhere(rest.slice(1), { values: own, dropped: own });
    const words = kept.filter(({ raw }) => !raw.startsWith("-"));
    const at = words.findIndex(({ text }) => text === "run");
    const included = chosen.get("--include");
    if (chosen.has("--exclude") || chosen.has("--from")) return undefined;
    return included === undefined
      ? ofMembers(pkg, words[at + 1]?.text)
      : ofMatching(pkg, words[at + 1]?.text, included);
  }
  if (rest[0]?.text === "workspace") {
    const directory = workspaceMember(pkg, rest[1]?.text ?? "");
    return directory === undefined ? undefined : verbs(rest.slice(2), elsewhere(pkg, directory), ["run"], ["exec"]);
  }
  const there = elsewhere(pkg, dropped.get("--cwd")?.[0]);
  // `yarn run tsx watch a.ts`, `-T` from the top of the workspace: what is no script is a program.
  const run = rest[0]?.text === "run" ? peelOptions(rest.slice(1), { values: [], dropped: [] }) : undefined;
  const isOfTop = run?.kept.some(({ raw }) => raw === "-T" || raw === "--top-level") === true;
  const [first] = run?.rest ?? [];
  if (run !== undefined && there !== undefined && first?.text !== undefined)
    if (isOfTop || there.scripts[first.text] === undefined)
      return localProgram(there.directory, first.text) === undefined
        ? undefined
        : { is: "program", words: run.rest, pkg: there };
  return verbs(rest, there, ["run"], ["exec"]);
}

function fromBunRun(args: readonly Word[], pkg: Package): RunnerStart | undefined {
  const table = {
    values: ["--cwd", "-F", "--filter"],
    dropped: ["--cwd", "--bun", "-b", "--silent", "-F", "--filter", "--elide-lines"],
  };
  const first = peelOptions(args, table);
  const isRun = first.rest[0]?.text === "run";
  const second = peelOptions(isRun ? first.rest.slice(1) : [], table);
  const rest = isRun ? second.rest : first.rest;
  const given = (...names: string[]): string[] =>
    names.flatMap((name) => [...(first.dropped.get(name) ?? []), ...(second.dropped.get(name) ?? [])]);
  const name = rest[0]?.text;
  // `bun x tsx watch a.ts`, where that is installed.
  const brought = !isRun && name === "x" ? rest[1]?.text : undefined;
  if (brought !== undefined && localProgram(pkg.directory, brought) !== undefined)
    return { is: "program", words: rest.slice(1), pkg };
  if (name === undefined || /[./]/.test(name)) return undefined;
  const filters = given("-F", "--filter");
  if (filters.length > 0) return ofMatching(pkg, name, filters);
  return script(elsewhere(pkg, given("--cwd")[0]), name, rest.slice(1));
}

/** `node --run api -- --port 3000`: without what stands before and behind it for npm. */
function fromNodeRun(args: readonly Word[], pkg: Package): RunnerStart | undefined {
  const { dropped, rest } = peelOptions(args, { values: ["--run"], dropped: ["--run"] });
  const name = dropped.get("--run")?.[0];
  const others = Object.entries(pkg.scripts).filter(([each]) => each !== `pre${name}` && each !== `post${name}`);
  return script({ ...pkg, scripts: Object.fromEntries(others) }, name, rest);
}
