/** Scripts that name something which stands in a file or a table of its own: a target of make or just, an entry of npm-watch. */
import { textOf } from "../project.ts";
import type { Package } from "./package.ts";
import type { RunnerStart } from "./runners.ts";
import { quote, type Word } from "./shell.ts";

/** The lines of a target that needs no other one, where they have no variables of make or just in them. */
function recipeOf(text: string, target: string): string[] | undefined {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => line.replace(/\s*(?:#.*)?$/, "") === `${target}:`);
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

/** Those of these names that are there, in their order. */
export function recipesIn(directory: string, targets: readonly string[]) {
  const files = [...makefiles, ...justfiles].map((file) => ({ file, text: textOf(directory, file) ?? "" }));
  return targets.flatMap((target) =>
    files.flatMap(({ file, text }) => {
      const lines = text === "" ? undefined : recipeOf(text, target);
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
    const lines = text === undefined ? undefined : recipeOf(text, target.text);
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
