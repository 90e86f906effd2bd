/** air's `[[build.rules]]`: what matches one of them runs its command, and is built by nobody. */
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { Complaint } from "../keys/decode.ts";
import type { Path } from "../text/locate.ts";
import type { Table } from "../text/toml.ts";
import { shown, typeOf } from "../write/write.ts";
import { fromRe2, regexFault } from "./re2.ts";
import { lower } from "./read.ts";
import type { Reader } from "./reader.ts";

/** @returns by rule: what of the files that match it is not for it after all, as regular expressions */
export function translateRules(reader: Reader, root: string): readonly (readonly string[])[] {
  const { value, path: place } = reader.of("build.rules");
  if (!Array.isArray(value) || value.length === 0) return [];
  const names = new Set<string>();
  const rules = value.map((table: Table, index) => {
    const rule = readRule(table, [...(place ?? []), index], root, reader);
    const name = rule.name === "" ? `rule-${index}` : rule.name;
    const unique = names.has(name) ? `${name} (${index})` : name;
    names.add(unique);
    return { ...rule, name: unique };
  });
  reader.set(
    "rule",
    rules.map(({ match, run, name }) => ({ match, do: "ignore", run, name, at_start: false })),
    "build.rules",
  );
  return rules.map(({ except }) => except);
}

interface AirRule {
  readonly name: string;
  readonly run: string;
  readonly match: readonly string[];
  readonly except: readonly string[];
}

function readRule(table: Table, place: Path, root: string, reader: Reader): AirRule {
  const label = `build.rules[${String(place.at(-1))}]`;
  const found = new Map(Object.entries(table).map(([name, value]) => [lower(name), { value, path: [...place, name] }]));
  const complain = (path: Path, message: string, more: Partial<Complaint> = {}): void =>
    reader.complain({
      code: "config/bad-value",
      severity: "error",
      path,
      at: path.length > place.length ? "value" : "key",
      message: `${label}${message}`,
      ...more,
    });
  const read = <V>(name: string, fallback: V, isRight: (value: unknown) => value is V, what: string): V => {
    const setting = found.get(name);
    if (setting === undefined) return fallback;
    if (isRight(setting.value)) return setting.value;
    complain(setting.path, `.${name}: ${shown(setting.value)} is ${typeOf(setting.value)}, not ${what}`);
    return fallback;
  };
  const list = (name: string): string[] => read(name, [], isTexts, "a list of strings");

  for (const [name, { path }] of found)
    if (!ruleKeys.includes(name))
      complain(path, `: air has no key ${name} in [[build.rules]]; ignored`, { severity: "warning", at: "key" });
  read("delay", 0, isWhole, "a whole number");
  const run = read("cmd", "", isText, "a string");
  const hasPlaces = ["include_dir", "include_ext", "include_file"].some((name) => list(name).length > 0);
  if (run === "" && typeof (found.get("cmd")?.value ?? "") === "string")
    complain(place, ": a rule needs cmd: what it runs");
  if (!hasPlaces && place.length > 0)
    complain(place, ": a rule needs include_dir, include_ext or include_file: which files it is for");

  const except = list("exclude_regex").map(fromRe2);
  for (const [index, pattern] of list("exclude_regex").entries()) {
    const fault = regexFault(pattern);
    if (fault === undefined) continue;
    const path = [...(found.get("exclude_regex")?.path ?? place), index];
    complain(path, `.exclude_regex: ${shown(pattern)} ${fault.message}`, {
      code: "config/bad-pattern",
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    });
  }
  const below = (name: string): string[] =>
    list(name).flatMap((written, index) => {
      const path = relative(root, resolve(root, written)).split(sep).join("/");
      if (path !== ".." && !path.startsWith("../") && !isAbsolute(path)) return [path];
      complain(
        [...(found.get(name)?.path ?? place), index],
        `.${name}: ${shown(written)} is not below root: it is not watched`,
        {
          severity: "warning",
        },
      );
      return [];
    });
  const places = { directories: below("include_dir"), files: below("include_file"), endings: list("include_ext") };
  const match = matchOf(places, list("include_dir").length > 0);
  return { name: read("name", "", isText, "a string"), run, match: match.length === 0 ? ["!*"] : match, except };
}

const ruleKeys = ["name", "cmd", "include_dir", "include_ext", "include_file", "exclude_regex", "delay"];

const isText = (value: unknown): value is string => typeof value === "string";
const isWhole = (value: unknown): value is number => Number.isInteger(value);
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

interface Places {
  /** Relative to `root`, which is `""`. */
  readonly directories: readonly string[];
  readonly files: readonly string[];
  readonly endings: readonly string[];
}

/** In one of the directories, where some are named; there it ends so, or is one of the files, or is any file where neither is named. */
function matchOf({ directories, files, endings }: Places, isBelowSome: boolean): string[] {
  const within = isBelowSome ? directories : [""];
  const isIn = (file: string): boolean =>
    within.some((directory) => directory === "" || file.startsWith(`${directory}/`));
  const isAll = endings.length + files.length === 0 || endings.some((ending) => ending.trim() === "*");
  const ending = (text: string): string => text.trim().replace(/^\./, "");
  const patterns = within.flatMap((directory) => {
    if (isAll) return directory === "" ? ["*"] : [`/${directory}/**`];
    return endings.map((text) => (directory === "" ? `.${ending(text)}` : `/${directory}/**/*.${ending(text)}`));
  });
  return [...new Set([...patterns, ...files.filter(isIn).map((file) => `/${file}`)])];
}
