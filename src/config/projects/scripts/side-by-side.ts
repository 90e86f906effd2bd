/** Runners of several scripts by name or pattern, one after the other or all at once. */
import { peelEverywhere } from "./options.ts";
import type { Package } from "./package.ts";
import type { RunnerStart } from "./runners.ts";
import { quote, type Word } from "./shell.ts";

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

function linesFor(pkg: Package, patterns: readonly Word[], together: boolean): RunnerStart | undefined {
  const lines = patterns.flatMap((each) => {
    // A shell leaves `dev:*` as it is where no file is called so.
    const [pattern = "", ...words] = (each.text ?? each.raw).split(/\s+/);
    return scriptsNamed(pkg, pattern).map((name) =>
      [`npm run ${name}`, ...(words.length > 0 ? ["--", ...words] : [])].join(" "),
    );
  });
  return lines.length === 0 ? undefined : { is: "lines", lines, together };
}

const allOptions = { values: ["--max-parallel", "--npm-path", "--color"], dropped: [] };

export function scriptsOf(pkg: Package, args: readonly Word[], together: boolean): RunnerStart | undefined {
  const { kept, rest } = peelEverywhere(args, allOptions);
  const patterns = kept.filter(({ raw }) => !raw.startsWith("-"));
  return linesFor(
    pkg,
    patterns.map((each) => filled(each, rest)),
    together,
  );
}

/** `{1}`, `{@}` and `{*}` stand for words behind `--`. */
function filled(word: Word, given: readonly Word[]): Word {
  const text = word.text ?? word.raw;
  if (!/\{(?:[@*%]|\d)/.test(text)) return word;
  const all = given.map(({ text: each, raw }) => each ?? raw);
  const full = text.replaceAll(/\{(@|\*|\d+)(?::=?-?([^}]*))?\}/g, (_, name: string, otherwise = "") => {
    const value = /\d/.test(name) ? all[Number(name) - 1] : all.map(quote).join(" ");
    return value === undefined || value === "" ? otherwise : value;
  });
  return { raw: quote(full), text: full };
}

/** `npm-run-all clean --parallel watch:* --sequential last`: groups, one after the other. */
export function fromRunAll(args: readonly Word[], pkg: Package): RunnerStart | undefined {
  const groups: { together: boolean; words: Word[] }[] = [{ together: false, words: [] }];
  const dashes = args.findIndex(({ text }) => text === "--");
  const given = dashes < 0 ? [] : args.slice(dashes + 1);
  for (const each of args.slice(0, dashes < 0 ? undefined : dashes).map((word) => filled(word, given))) {
    if (/^(?:-p|--parallel)$/.test(each.raw)) groups.push({ together: true, words: [] });
    else if (/^(?:-s|--serial|--sequential)$/.test(each.raw)) groups.push({ together: false, words: [] });
    else if (!each.raw.startsWith("-")) groups.at(-1)?.words.push(each);
  }
  const full = groups.filter(({ words }) => words.length > 0);
  const [only] = full;
  if (full.length === 1 && only !== undefined) return linesFor(pkg, only.words, only.together);
  const lines = full.flatMap(({ together, words }) => {
    const found = linesFor(pkg, words, together);
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
export function fromConcurrently(args: readonly Word[], pkg: Package): RunnerStart | undefined {
  const { kept, rest } = peelEverywhere(args, { values: concurrentlyValues, dropped: concurrentlyValues });
  const own = kept.filter(({ raw }) => !raw.startsWith("-"));
  const isPassing = kept.some(({ raw }) => raw === "-P" || raw === "--passthrough-arguments");
  const words = isPassing ? own.map((each) => filled(each, rest)) : [...own, ...rest];
  const lines = words.flatMap((each): (string | undefined)[] => {
    // A shell leaves `npm:dev:*` as it is.
    const text = each.text ?? (/^npm:[\w:*-]+$/.test(each.raw) ? each.raw : undefined);
    const [short, manager = "", pattern = "", rest = ""] =
      /^(npm|pnpm|yarn|bun|node|deno):(\S+)(.*)$/.exec(text ?? "") ?? [];
    if (short === undefined) return [text];
    const run = /^(?:node|deno)$/.test(manager) ? "npm run" : `${manager} run`;
    return scriptsNamed(pkg, pattern).map((name) => `${run} ${name}${rest}`);
  });
  const known = lines.filter((line) => line !== undefined);
  return known.length < lines.length || known.length === 0 ? undefined : { is: "lines", lines: known, together: true };
}
