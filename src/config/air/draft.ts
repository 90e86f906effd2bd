/** An `.air.toml` as a draft of a `.reload.toml`, for those who move for good. */

import type { Complaint } from "../keys/decode.ts";
import { allKeys } from "../keys/keys.ts";
import type { Table } from "../text/toml.ts";
import type { Draft } from "../write/compose.ts";
import { inline } from "../write/write.ts";
import { translateAir } from "./air.ts";
import { airKeys } from "./keys.ts";
import { lower } from "./read.ts";

export interface Translation {
  readonly settings: Draft["settings"];
  /** What had no counterpart, one line each. */
  readonly lost: readonly string[];
  readonly complaints: readonly Complaint[];
}

export function draftFromAir(table: Table, workingDirectory: string, home: string): Translation {
  const { settings, ruleExceptions, complaints } = translateAir(table, { workingDirectory, home });
  const moved = intoRoot(settings);
  const told = moved.filter(({ name, raw }) => {
    const key = allKeys().get(name);
    return name === "build.cmd" || name === "proc.cmd" || JSON.stringify(key?.default) !== JSON.stringify(raw);
  });
  return {
    settings: told.map(({ name, raw }) => ({ name, raw })),
    lost: [
      ...withoutCounterpart(table),
      ...stricter(settings),
      ...ruleExceptions.flatMap((except, index) =>
        except.length === 0
          ? []
          : [`build.rules[${index}].exclude_regex = ${inline(except)}: a rule has patterns alone, "!…" takes back`],
      ),
      ...complaints.filter(({ severity }) => severity === "warning").map(({ message }) => message),
    ],
    complaints: complaints.filter(({ severity }) => severity === "error"),
  };
}

/** In air's file a command before the build that fails stops nothing. */
function stricter(settings: readonly Setting[]): string[] {
  const of = (name: string): unknown => settings.find((setting) => setting.name === name)?.raw;
  const hook = of("hooks.before_build");
  const mayFail = Array.isArray(hook) && hook.length > 0 && of("build.on_fail") === "keep";
  return mayFail
    ? ['build.pre_cmd: if a command of before_build fails, nothing is built; add "|| true" where it may fail']
    : [];
}

interface Setting {
  readonly name: string;
  readonly raw: unknown;
}

/** air's `root` moves only what is watched; ours would move the commands as well. So ours stays, and the patterns get the way to it. */
function intoRoot(settings: readonly Setting[]): readonly Setting[] {
  const root = String(settings.find(({ name }) => name === "root")?.raw ?? ".")
    .replace(/^\.\//, "")
    .replace(/\/+$/, "");
  if (root === "." || root === "") return settings.filter(({ name }) => name !== "root");
  const isOutside = root.startsWith("..") || root.startsWith("/");
  const below = (path: string): string => (isOutside ? path : `/${root}${path.startsWith("/") ? path : `/${path}`}`);
  const each = (raw: unknown, change: (item: string) => string): unknown =>
    Array.isArray(raw) ? raw.map((item) => change(String(item))) : raw;
  const hasDirs = settings.some(({ name }) => name === "watch.include_dirs");
  const moved = settings.flatMap(({ name, raw }): Setting[] => {
    switch (name) {
      case "root":
        return hasDirs ? [] : [{ name: "watch.include_dirs", raw: [root] }];
      case "watch.include_dirs":
        return [{ name, raw: each(raw, (path) => `${root}/${path}`) }];
      case "watch.exclude_dirs":
        // A name without a `/` (`.*`) holds at any depth.
        return [
          {
            name,
            raw: each(raw, (pattern) =>
              pattern.startsWith("!")
                ? `!${below(pattern.slice(1))}`
                : pattern.includes("/")
                  ? below(pattern)
                  : pattern,
            ),
          },
        ];
      case "watch.exclude_files":
        return [{ name, raw: each(raw, below) }];
      case "watch.exclude_regex":
        return [{ name, raw: isOutside ? raw : each(raw, (pattern) => regexBelow(root, pattern)) }];
      case "watch.include_files":
        return [{ name, raw: each(raw, (pattern) => (pattern.startsWith("/") ? below(pattern) : pattern)) }];
      case "rule":
        return [{ name, raw: Array.isArray(raw) ? raw.map((rule: DraftRule) => ruleBelow(rule, below)) : raw }];
      case "tmp_dir":
        return [{ name, raw: `${root}/${String(raw)}` }];
      default:
        return [{ name, raw }];
    }
  });
  return moved;
}

interface DraftRule {
  readonly match: readonly string[];
}

/** A pattern that begins with a directory is one of `root`. */
const ruleBelow = (rule: DraftRule, below: (path: string) => string): DraftRule => ({
  ...rule,
  match: rule.match.map((pattern) => (pattern.startsWith("/") ? below(pattern) : pattern)),
});

/** The same for paths that begin with `root`, which the pattern was not written for: it must not match in that part either. */
function regexBelow(root: string, pattern: string): string {
  const start = `^${root.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")}/`;
  // Escapes and character classes go along as they are: a ^ in them does not begin anything.
  const tokens = pattern.match(/\\.|\[(?:\\.|[^\]\\])*\]|./gs) ?? [];
  const [first, ...others] = tokens;
  if (first === "^" && !others.some((token) => token === "^" || token === "|")) return start + others.join("");
  return `${start}.*(?:${tokens.map((token) => (token === "^" ? `(?<=${start})` : token)).join("")})`;
}

/** Keys that are set to something else than air's default, and that nothing here can say. */
function withoutCounterpart(table: Table): string[] {
  const written = (name: string): unknown =>
    name
      .split(".")
      .reduce<unknown>(
        (value, part) =>
          typeof value === "object" && value !== null
            ? Object.entries(value).find(([key]) => lower(key) === part)?.[1]
            : undefined,
        table,
      );
  return airKeys
    .filter(({ becomes, isCosmetic }) => becomes === undefined && isCosmetic !== true)
    .flatMap((key) => {
      const value = written(key.name);
      if (value === undefined || JSON.stringify(value) === JSON.stringify(key.default)) return [];
      return [`${key.name} = ${inline(value)}: ${key.here.replace(/^No counterpart: /, "").replaceAll("`", "")}`];
    });
}
