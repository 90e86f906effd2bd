/** What the text of a program's own modules says they do to Python's library. */
import type { PackageFile } from "../../gate/order.ts";

export const isInPackage = (file: string): boolean => /\/(?:site|dist)-packages(?:\/|$)/.test(file);
export const topOf = (name: string): string => name.split(".")[0] ?? name;
export const moduleNameOf = (entry: PackageFile): string => (entry.is === "python" ? entry.name : "");

/** Packages that are loaded in advance have loggers before the program sets up logging. */
export const silences = (text: string): boolean =>
  /\b(?:dictConfig|fileConfig)\s*\(/.test(text) && !/disable_existing_loggers["']?\s*[:=]\s*False/.test(text);

/** Python has loaded them before anything else: they are no entries. */
const atStart = ["sys", "codecs", "encodings.aliases"];

export interface Library {
  /** Whether a module of this name is of Python's library. */
  has(name: string): boolean;
}

/** @param entries what a run has loaded */
export function libraryIn(entries: readonly PackageFile[]): Library {
  const ofPackages = new Set(entries.flatMap((entry) => (isInPackage(entry.file) ? [topOf(moduleNameOf(entry))] : [])));
  const names = new Set([...entries.map(moduleNameOf), ...atStart].filter((name) => !ofPackages.has(topOf(name))));
  return { has: (name) => names.has(name) };
}

/** What a text calls modules of the library → their names. */
function modulesIn(text: string, library: Library): Map<string, string> {
  const modules = new Map([["sys", "sys"]]);
  for (const [, list = ""] of text.matchAll(/^[ \t]*import[ \t]+([^#\n]+)/gm))
    for (const each of list.split(",")) {
      const [name = "", , as] = each.trim().split(/\s+/);
      if (as !== undefined) modules.set(as, name);
      else modules.set(topOf(name), topOf(name));
    }
  for (const { from, name, as } of importedIn(text))
    if (library.has(`${from}.${name}`)) modules.set(as, `${from}.${name}`);
  return modules;
}

interface Imported {
  readonly from: string;
  readonly name: string;
  readonly as: string;
}

/** `from http import client as c, server`, in parentheses too. */
const importedIn = (text: string): Imported[] =>
  [...text.matchAll(/^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^#\n]+))/gm)].flatMap(
    ([, from = "", inside, line = ""]) =>
      (inside ?? line).split(",").flatMap((each) => {
        const [name = "", , as] = each.trim().split(/\s+/);
        return name === "" ? [] : [{ from, name, as: as ?? name }];
      }),
  );

/** Of `sys`: seen in other ways. */
const hasItsOwnWay = new Set(["argv", "path", "modules", "meta_path", "path_hooks", "stdin", "stdout", "stderr"]);

/** As those in `atStart`; what is entered in their tables (`os.environ`) is seen in other ways. */
const areThere = new Set(["os", "posix", "posixpath", "io", "abc", "stat", "time", "site", "builtins"]);

/** What a process has as a whole, and whoever is loaded after it goes by. */
export const limits = (text: string): string | undefined =>
  /\b(?:setdlopenflags|sched_setaffinity|setrlimit|prlimit|setpriority)\b|\bos\s*\.\s*nice\b(?!\(0\))/.exec(text)?.[0];

/** Parts of Python's library that a text gives another value: `copy.copy = …`. Those of a class are asked for each time. */
export function replacedIn(text: string, library: Library): string[] {
  const modules = modulesIn(text, library);
  return [...text.matchAll(/^[ \t]*([A-Za-z_]\w*)((?:\.\w+)*)\.(\w+)[ \t]*=(?!=)/gm)].flatMap(
    ([, first = "", between = "", part = ""]) => {
      const module = modules.get(first);
      if (module === undefined || /\.[A-Z]\w*$/.test(between)) return [];
      return module === "sys"
        ? hasItsOwnWay.has(part)
          ? []
          : [part]
        : library.has(topOf(module)) || areThere.has(topOf(module))
          ? [part]
          : [];
    },
  );
}

/** Modules that a text puts others in the place of, or has loaded anew: `sys.modules["sqlite3"] = …`, by their last names. */
export function exchangedIn(text: string, entries: readonly PackageFile[]): { names: string[]; areUnknown: boolean } {
  const modules = modulesIn(text, { has: () => false });
  const tables = [...modules].flatMap(([as, name]) => (name === "sys" ? [`\\b${as}\\s*\\.\\s*modules\\b`] : []));
  if (/^[ \t]*from[ \t]+sys[ \t]+import\b[^\n]*\bmodules\b/m.test(text)) tables.push("(?<!\\.)\\bmodules\\b");
  const table = `(?:${tables.join("|")})`;
  const keys = [
    `${table}\\s*\\[([^\\]\\n]*)\\](?:\\s*,[^=\\n]*)?\\s*=(?!=)`,
    `\\bdel\\s+${table}\\s*\\[([^\\]\\n]*)\\]`,
    `${table}\\s*\\.\\s*(?:pop|setdefault|__setitem__|__delitem__)\\s*\\(([^,)\\n]*)`,
    `${table}\\s*(\\.\\s*(?:update|clear|popitem)\\b|\\|=)`,
  ].flatMap((pattern) => [...text.matchAll(new RegExp(pattern, "g"))].map(([, key = ""]) => key.trim()));
  const exchanged = keys.filter((key) => key !== "__name__").map((key) => /^["']([\w.]+)["']$/.exec(key)?.[1]);
  const known = new Set(entries.map(moduleNameOf));
  const again = [...text.matchAll(/\breload\s*\(\s*([A-Za-z_][\w.]*)\s*\)/g)].flatMap(([, dotted = ""]) => {
    const [first = "", ...more] = dotted.split(".");
    const name = [modules.get(first) ?? importedIn(text).find(({ as }) => as === first)?.name ?? first, ...more].join(
      ".",
    );
    return [...known].some((each) => each === name || each.endsWith(`.${name}`)) ? [name] : [];
  });
  const names = [...exchanged, ...again].filter((name) => name !== undefined);
  return { names: names.map((name) => name.split(".").at(-1) ?? name), areUnknown: exchanged.includes(undefined) };
}

/** What enters something in a table of the module that it is of. */
const enters = /^(?:register(?:_\w+)?|add_\w+|install_\w+)$/;

/** Modules of Python's library in whose tables a text enters something: by a function, or by itself. */
export function toldIn(text: string, library: Library): string[] {
  const modules = modulesIn(text, library);
  const nameIn = (dotted: string): string | undefined => {
    const [first = "", ...more] = dotted.split(".");
    const name = [modules.get(first), ...more].join(".");
    return library.has(name) && name !== "sys" ? name : undefined;
  };
  const called = [...text.matchAll(/(?<![\w.])([A-Za-z_]\w*(?:\.\w+)*)\.(\w+)[ \t]*\(/g)].flatMap(
    ([, of = "", name = ""]) => (enters.test(name) ? [nameIn(of)] : []),
  );
  const written = [
    ...text.matchAll(
      /(?<![\w.])([A-Za-z_]\w*(?:\.\w+)*)\.\w+(?:\[[^\]\n]*\][ \t]*=(?!=)|\.(?:update|setdefault)[ \t]*\()/g,
    ),
  ].map(([, of = ""]) => nameIn(of));
  const imported = importedIn(text).map(({ from, name }) => (enters.test(name) ? from : undefined));
  return [...called, ...written, ...imported].filter((name) => name !== undefined && library.has(name)) as string[];
}
