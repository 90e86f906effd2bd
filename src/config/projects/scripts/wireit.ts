/** Scripts of wireit: the command in its table, behind those that it depends on. */
import type { Package } from "./package.ts";
import { lineOf, type Word } from "./shell.ts";

export interface WiredScript {
  readonly line: string;
  readonly env: Readonly<Record<string, string>>;
}

/** @returns a text: why it cannot be told */
export function wiredScript(
  { manifest, scripts }: Package,
  name: string,
  words: readonly Word[],
): WiredScript | string {
  const table = tableOf(tableOf(manifest["wireit"])[name]);
  const { command, dependencies, env } = {
    command: table["command"],
    dependencies: table["dependencies"] ?? [],
    env: tableOf(table["env"]),
  };
  const named = Array.isArray(dependencies) ? dependencies.map(nameOf) : [undefined];
  // Of another package, `^build` and `../lib:build`, wireit knows more.
  if (named.some((each) => each === undefined || scripts[each] === undefined))
    return "wireit runs scripts of other packages for it";
  if (named.some((each) => tableOf(tableOf(manifest["wireit"])[each ?? ""])["service"] !== undefined))
    return "wireit runs other programs beside it";
  if (typeof command !== "string" && named.length === 0) return "wireit has no command for it";
  const own =
    typeof command === "string"
      ? [[command, lineOf({ assignments: [], words, redirections: [] })].join(" ").trim()]
      : [];
  return {
    line: [...named.map((each) => `npm run ${each}`), ...own].join(" && "),
    env: Object.fromEntries(
      Object.entries(env).flatMap(([variable, value]) => {
        const given = typeof value === "string" ? value : tableOf(value)["default"];
        return typeof given === "string" ? [[variable, given]] : [];
      }),
    ),
  };
}

const tableOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

function nameOf(dependency: unknown): string | undefined {
  const name = typeof dependency === "string" ? dependency : tableOf(dependency)["script"];
  return typeof name === "string" && /^\w[\w.:-]*$/.test(name) ? name : undefined;
}
