/** Scripts that name something which stands in a file or a table of its own: a target of make or just, an entry of npm-watch. */
import { textOf } from "../project.ts";
import type { Package } from "./package.ts";
import type { RunnerStart } from "./runners.ts";
import { quote, type Word } from "./shell.ts";

/** The lines of a target, where they have no variables of make or just in them. */
function recipeOf(text: string, isHead: (line: string) => boolean): string[] | undefined {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => isHead(line.replace(/\s*(?:#.*)?$/, "")));
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => line.trim() !== "" && !/^[ \t]/.test(line));
  const recipe = rest
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.trim().replace(/^[@+-]+\s*/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
  const isPlain = recipe.every((line) => !/\$|\{\{|\\$|^cd \S+$/.test(line));
  return at < 0 || recipe.length === 0 || !isPlain ? undefined : recipe;
}

export const makefiles = ["GNUmakefile", "makefile", "Makefile"];
export const justfiles = ["justfile", "Justfile", ".justfile"];

const alone = (target: string) => (line: string) => line === `${target}:`;
/** `run: generate`, not `run: PORT = 3` and not `run := x`. */
const withOthers = (target: string) => (line: string) =>
  line.startsWith(`${target}:`) && /^(?:[ \t]+[\w./-]+)*$/.test(line.slice(target.length + 1));

const set = /^(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*(\?|::?)?=[ \t]*(.*?)[ \t]*$/gm;

/** `go run . --port $(PORT)`, with what the file says above it; what it says twice, or by a command, stays as it is. */
function filled(text: string, env: NodeJS.ProcessEnv): string {
  const values = new Map<string, string | undefined>();
  for (const [, name = "", sign, raw = ""] of text.matchAll(set)) {
    const value = raw.replace(/^(["'])(.*)\1$/, "$2");
    const isPlain = !values.has(name) && /^[\w./:@,=+-]*$/.test(value);
    values.set(name, isPlain ? ((sign === "?" ? env[name] : undefined) ?? value) : undefined);
  }
  return text.replaceAll(
    /(?<!\$)\$(?:\((\w+)\)|\{(\w+)\})|\{\{\s*(\w+)\s*\}\}/g,
    (whole, ...names: (string | undefined)[]) => values.get(names.slice(0, 3).find((name) => name) ?? "") ?? whole,
  );
}

/** Those of these names that are there, in their order: as they say what people run. What they need first is another matter. */
export function recipesIn(directory: string, targets: readonly string[], env: NodeJS.ProcessEnv) {
  const files = [...makefiles, ...justfiles].map((file) => ({
    file,
    text: filled(textOf(directory, file) ?? "", env),
  }));
  return targets.flatMap((target) =>
    files.flatMap(({ file, text }) => {
      const lines = text === "" ? undefined : recipeOf(text, withOthers(target));
      return lines === undefined ? [] : [{ file, target, lines }];
    }),
  );
}

export const fromRecipes =
  (files: readonly string[]) =>
  (args: readonly Word[], { directory }: Package): RunnerStart | undefined => {
    const [target, ...others] = args;
    if (target?.text === undefined || !/^[\w.-]+$/.test(target.text) || others.length > 0) return undefined;
    const text = files.map((file) => textOf(directory, file)).find((each) => each !== undefined);
    const lines = text === undefined ? undefined : recipeOf(text, alone(target.text));
    return lines === undefined ? undefined : { is: "lines", lines, together: false };
  };

/** https://github.com/M-Zuber/npm-watch: it has nodemon run each of its scripts. */
export function fromNpmWatch(args: readonly Word[], { manifest, manager }: Package): RunnerStart | undefined {
  const table = Object.entries(Object(manifest["watch"]));
  const [name] = args;
  const chosen = name === undefined ? table : table.filter(([key]) => key === name.text);
  const lines = chosen.map(([key, value]) => {
    const { patterns, extensions, ignore } =
      typeof value === "object" && !Array.isArray(value) ? Object(value) : { patterns: value };
    const words = [
      ...listOf(patterns).flatMap((each) => ["--watch", each]),
      ...listOf(ignore).flatMap((each) => ["--ignore", each]),
      ...(extensions === undefined ? [] : ["--ext", listOf(extensions).join(",")]),
      "--exec",
      `${manager} run ${key}`,
    ];
    return ["nodemon", ...words.map(quote)].join(" ");
  });
  return lines.length === 0 ? undefined : { is: "lines", lines, together: true };
}

const listOf = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));
