/** Package managers and runners of scripts: which scripts a line starts, where, and whether one after the other. */
import { resolve } from "node:path";
import { peelEverywhere, peelOptions } from "./options.ts";
import { type Package, readPackage, workspaceMember } from "./package.ts";
import type { Word } from "./shell.ts";

export type RunnerStart =
  /** A script of a package, with words that are added to it. */
  | { readonly is: "script"; readonly its: Package; readonly name: string; readonly words: readonly Word[] }
  /** A program that a dependency brought. */
  | { readonly is: "program"; readonly words: readonly Word[]; readonly its: Package }
  /** Lines, one after the other or all at once. */
  | { readonly is: "lines"; readonly lines: readonly string[]; readonly together: boolean };

/** `undefined`: it starts nothing that could be looked at. */
export type Runner = (args: readonly Word[], its: Package) => RunnerStart | undefined;

export const runners: Readonly<Record<string, Runner>> = {
  npm: fromNpm,
  pnpm: (args, its) => fromPnpm(args, its),
  yarn: fromYarn,
  bun: fromBunRun,
  "run-s": (args, its) => named(its, args, false),
  "run-p": (args, its) => named(its, args, true),
  "npm-run-all": fromRunAll,
  "npm-run-all2": fromRunAll,
  concurrently: fromConcurrently,
  conc: fromConcurrently,
};

/** Verbs that are scripts. */
const lifecycles = new Set(["start", "test", "stop", "restart"]);

const elsewhere = (its: Package, directory: string | undefined): Package | undefined => {
  if (directory === undefined) return its;
  const there = readPackage(resolve(its.directory, directory), its.env);
  return there === "broken" ? undefined : there;
};

function script(its: Package | undefined, name: string | undefined, words: readonly Word[]): RunnerStart | undefined {
  if (its === undefined || name === undefined || its.scripts[name] === undefined) return undefined;
  return { is: "script", its, name, words: words[0]?.text === "--" ? words.slice(1) : words };
}

function fromNpm(args: readonly Word[], its: Package): RunnerStart | undefined {
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
  const member = given("-w", "--workspace");
  const directory = member === undefined ? given("--prefix", "-C") : workspaceMember(its, member);
  if (member !== undefined && directory === undefined) return undefined;
  const there = elsewhere(its, directory);
  if (verb === "exec" || verb === "x") {
    const rest = after.length > 0 ? after : words;
    return there === undefined || rest.length === 0 ? undefined : { is: "program", words: rest, its: there };
  }
  const name = isRun ? words[0]?.text : verb !== undefined && lifecycles.has(verb) ? verb : undefined;
  // Words that are not options are the script's, with and without `--`.
  return script(there, name, [...words.slice(isRun ? 1 : 0).filter(({ raw }) => !raw.startsWith("-")), ...after]);
}

function fromPnpm(args: readonly Word[], its: Package): RunnerStart | undefined {
  const valued = ["-C", "--dir", "-F", "--filter"];
  const { kept, dropped, rest } = peelOptions(args, { values: valued, dropped: valued });
  if (kept.some(({ text }) => text === "-r" || text === "--recursive" || text === "--parallel")) return undefined;
  const filter = dropped.get("-F")?.[0] ?? dropped.get("--filter")?.[0];
  const directory =
    filter === undefined
      ? (dropped.get("-C")?.[0] ?? dropped.get("--dir")?.[0])
      : workspaceMember(its, filter.replace(/^\.\//, ""));
  if (filter !== undefined && directory === undefined) return undefined;
  const there = elsewhere(its, directory);
  return verbs(rest, there, ["run"], ["exec"]);
}

/** `run x`, `exec x`, or `x` alone: a script, else a program. */
function verbs(
  words: readonly Word[],
  its: Package | undefined,
  run: readonly string[],
  exec: readonly string[],
): RunnerStart | undefined {
  const verb = words[0]?.text;
  if (its === undefined || verb === undefined) return undefined;
  if (run.includes(verb)) {
    const { rest } = peelOptions(words.slice(1), { values: [], dropped: [] });
    return script(its, rest[0]?.text, rest.slice(1));
  }
  if (exec.includes(verb)) {
    const rest = words[1]?.text === "--" ? words.slice(2) : words.slice(1);
    return rest.length === 0 ? undefined : { is: "program", words: rest, its };
  }
  if (builtIn.has(verb)) return undefined;
  return script(its, verb, words.slice(1)) ?? { is: "program", words, its };
}

/** Verbs of the package managers themselves. */
const builtIn = new Set(
  "install add i ci remove rm up update upgrade dlx create init publish pack link audit why list ls outdated x test dedupe import".split(
    " ",
  ),
);

function fromYarn(args: readonly Word[], its: Package): RunnerStart | undefined {
  const { dropped, rest } = peelOptions(args, { values: ["--cwd"], dropped: ["--cwd", "-s", "--silent"] });
  if (rest[0]?.text === "workspace") {
    const directory = workspaceMember(its, rest[1]?.text ?? "");
    return directory === undefined ? undefined : verbs(rest.slice(2), elsewhere(its, directory), ["run"], ["exec"]);
  }
  return verbs(rest, elsewhere(its, dropped.get("--cwd")?.[0]), ["run"], ["exec"]);
}

function fromBunRun(args: readonly Word[], its: Package): RunnerStart | undefined {
  const { dropped, rest } = peelOptions(args, {
    values: ["--cwd", "-F", "--filter"],
    dropped: ["--cwd", "--bun", "-b", "--silent"],
  });
  const there = elsewhere(its, dropped.get("--cwd")?.[0]);
  const name = rest[0]?.text === "run" ? rest[1]?.text : rest[0]?.text;
  return name === undefined || /[./]/.test(name)
    ? undefined
    : script(there, name, rest.slice(rest[0]?.text === "run" ? 2 : 1));
}

// ── several ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Scripts by name or pattern: `build:*`. */
function scriptsNamed({ scripts }: Package, pattern: string): string[] {
  if (scripts[pattern] !== undefined) return [pattern];
  if (!pattern.includes("*")) return [];
  const test = new RegExp(
    `^${pattern
      .replaceAll(/[\\^$.|+()[\]{}?]/g, "\\$&")
      .replaceAll("**", "\0")
      .replaceAll("*", "[^:]*")
      .replaceAll("\0", ".*")}$`,
  );
  return Object.keys(scripts).filter((name) => test.test(name));
}

function linesFor(its: Package, patterns: readonly Word[], together: boolean): RunnerStart | undefined {
  const lines = patterns.flatMap(({ text }) => {
    const [pattern = "", ...words] = (text ?? "").split(/\s+/);
    return scriptsNamed(its, pattern).map((name) =>
      [`npm run ${name}`, ...(words.length > 0 ? ["--", ...words] : [])].join(" "),
    );
  });
  return lines.length === 0 ? undefined : { is: "lines", lines, together };
}

const allOptions = { values: ["--max-parallel", "--npm-path", "--color"], dropped: [] };

function named(its: Package, args: readonly Word[], together: boolean): RunnerStart | undefined {
  const patterns = peelEverywhere(args, allOptions).kept.filter(({ raw }) => !raw.startsWith("-"));
  return linesFor(its, patterns, together);
}

/** `npm-run-all clean --parallel watch:* --sequential last`: groups, one after the other. */
function fromRunAll(args: readonly Word[], its: Package): RunnerStart | undefined {
  const groups: { together: boolean; words: Word[] }[] = [{ together: false, words: [] }];
  for (const each of args) {
    if (/^(?:-p|--parallel)$/.test(each.raw)) groups.push({ together: true, words: [] });
    else if (/^(?:-s|--serial|--sequential)$/.test(each.raw)) groups.push({ together: false, words: [] });
    else if (!each.raw.startsWith("-")) groups.at(-1)?.words.push(each);
  }
  const full = groups.filter(({ words }) => words.length > 0);
  const [only] = full;
  if (full.length === 1 && only !== undefined) return linesFor(its, only.words, only.together);
  const lines = full.flatMap(({ together, words }) => {
    const found = linesFor(its, words, together);
    const its_ = found?.is === "lines" ? found.lines : [];
    return together ? [`run-p ${words.map(({ raw }) => raw).join(" ")}`] : its_;
  });
  return lines.length === 0 ? undefined : { is: "lines", lines, together: false };
}

const concurrentlyValues = [
  ...[
    "-n",
    "--names",
    "-c",
    "--prefix-colors",
    "-p",
    "--prefix",
    "-l",
    "--prefix-length",
    "-t",
    "--timestamp-format",
    "-s",
    "--success",
  ],
  ...[
    "--restart-tries",
    "--restart-after",
    "--name-separator",
    "-m",
    "--max-processes",
    "--hide",
    "--default-input-target",
    "--kill-signal",
  ],
  ...["--kill-timeout", "--cwd"],
];

/** `npm:dev:*` is a pattern of scripts, `"npm run x"` a line. */
function fromConcurrently(args: readonly Word[], its: Package): RunnerStart | undefined {
  const { kept, rest } = peelEverywhere(args, { values: concurrentlyValues, dropped: concurrentlyValues });
  const words = [...kept.filter(({ raw }) => !raw.startsWith("-")), ...rest];
  const lines = words.flatMap(({ text }): (string | undefined)[] => {
    const short = /^(?:npm|pnpm|yarn|bun|node|deno):(\S+)(.*)$/.exec(text ?? "");
    if (short === null) return [text];
    return scriptsNamed(its, short[1] ?? "").map((name) => `npm run ${name}${short[2] === "" ? "" : ` --${short[2]}`}`);
  });
  const known = lines.filter((line) => line !== undefined);
  return known.length < lines.length || known.length === 0 ? undefined : { is: "lines", lines: known, together: true };
}
