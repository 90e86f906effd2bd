/** Patterns in the forms that people write, brought into the one that is compiled: relative to the base, with `/`, without braces. */
import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { posix } from "node:path";

/** For `include_files` and its like: picomatch reads what is left. A directory is meant with all that is in it. */
export function globForms(written: string, base: string): string[] {
  return eachPart(written, (part) => endingsOf(anchored(wholeOf(part), base)).flatMap((form) => inside(form, base)));
}

/** For lists of gitignore patterns, which have neither braces nor `./`. */
export function ignoreForms(written: string, base: string): string[] {
  return eachPart(written, (part) => expanded(anchored(part, base)).map(literalHash));
}

/** The same where a pattern is one of directories: `dist/**` and `dist/*` mean `dist` and all that is in it. */
export function directoryForms(written: string, base: string): string[] {
  return eachPart(written, (part) =>
    expanded(anchored(part, base)).map((pattern) => {
      const directory = pattern.replace(/(?<=[^/])(?:\/\*{1,2})+\/?$/, "");
      return directory === pattern || directory === "**" || directory.includes("/") ? directory : `/${directory}`;
    }),
  );
}

/** There are no comments in a list: `#*#` is a name. */
export const literalHash = (pattern: string): string => (pattern.startsWith("#") ? `\\${pattern}` : pattern);

/** `.{ts,tsx}` is two endings; other braces are for picomatch. */
const endingsOf = (pattern: string): string[] =>
  /^\.[\w.-]*\{[^/*?[]*$/.test(pattern) ? expanded(pattern) : [pattern];

/** `.` is everything; `./...` and `src/...`, as Go says it, are all that is in there. */
const wholeOf = (part: string): string => (part === "." ? "**" : part.replace(/(^|\/)\.\.\.\/?$/, "$1**"));

function inside(pattern: string, base: string): string[] {
  if (pattern.endsWith("/") && isPattern(pattern)) return [`${pattern}**`];
  const isName = /^[^/*?[\]{}()!+@\\]+$/.test(pattern) && !pattern.startsWith(".");
  return isName && existsSync(`${base}/${pattern}/.`) ? [pattern, `${pattern}/`] : [pattern];
}

/** The text stands for more than one path. */
export const isPattern = (text: string): boolean => /[*?[\]{}]|[!+@]\(/.test(text);

/** Its words, apart by commas that stand outside of braces and brackets: `*.{js,ts}` is one. */
export const words = (text: string): string[] =>
  (text.match(/(?:\\.|\{[^}]*\}|\[[^\]]*\]|\([^)]*\)|[^,])+/g) ?? [])
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** A list in one text is a list as well; it is also the one pattern that it seems to be, since a name can have a comma in it. */
function eachPart(written: string, formsOf: (part: string) => readonly string[]): string[] {
  const text = trimmed(written);
  const sign = text.startsWith("!") ? "!" : "";
  const body = sign === "" ? text : trimmed(text.slice(1));
  const parts = words(body).flatMap(endingsApart);
  const all = parts.length > 1 ? [body, ...parts] : [body];
  return [...new Set(all.flatMap(formsOf))].map((form) => sign + form);
}

/** `.go .html` and `*.go *.html`: endings have no blanks in them. */
const endingsApart = (word: string): string[] =>
  /^\*?\.[\w.{}-]+(?:\s+\*?\.[\w.{}-]+)+$/.test(word) ? word.split(/\s+/) : [word];

/** Blanks at the ends are slips, but for one that is quoted. */
const trimmed = (text: string): string => text.trimStart().replace(/(?<!\\)\s+$/, "");

function anchored(part: string, base: string): string {
  // A backslash before a letter quotes nothing: then it is one of Windows, also before a star.
  const isOfWindows = process.platform === "win32" || /[\w.]\\(?:[A-Za-z0-9_@]|$)/.test(part);
  const text = (isOfWindows ? part.replaceAll("\\", "/") : part).replace(/^~(?=$|\/)/, homedir);
  const isRooted = /^\.\/|\/\.\.\//.test(text);
  const slashed = text === "" ? "" : posix.normalize(text);
  const isAbsolute = slashed.startsWith("/") || /^[A-Za-z]:\//.test(slashed);
  if (isAbsolute) {
    for (const directory of basesOf(base)) {
      if (slashed === directory || slashed === `${directory}/`) return "/**";
      if (slashed.startsWith(`${directory}/`)) return literalWhereItIs(`/${slashed.slice(directory.length + 1)}`, base);
    }
    return literalWhereItIs(slashed, base);
  }
  if (/^\.\.(?:\/|$)/.test(slashed)) {
    const absolute = posix.join(basesOf(base)[0] ?? base, slashed);
    const inside = basesOf(base).find((directory) => absolute.startsWith(`${directory}/`));
    return inside === undefined ? slashed : `/${absolute.slice(inside.length + 1)}`;
  }
  return literalWhereItIs(isRooted ? `/${slashed}` : slashed, base);
}

/** The base as the user may write it: a link to it is one of its names. */
function basesOf(base: string): string[] {
  const slashed = (path: string): string => (process.platform === "win32" ? path.replaceAll("\\", "/") : path);
  try {
    return [...new Set([base, realpathSync(base)].map(slashed))];
  } catch {
    return [slashed(base)];
  }
}

/** Routers have directories such as `[id]` and `(shop)`: what lies there by that very name is meant by it. */
function literalWhereItIs(pattern: string, base: string): string {
  if (!/[[\](){}]/.test(pattern)) return pattern;
  const segments = pattern.split("/");
  return segments
    .map((segment, index) =>
      /[[\](){}]/.test(segment) &&
      !/[*?\\]/.test(segment) &&
      existsSync(
        posix.join(
          base,
          segments
            .slice(0, index + 1)
            .join("/")
            .replaceAll("\\", ""),
        ),
      )
        ? segment.replaceAll(/[[\](){}]/g, "\\$&")
        : segment,
    )
    .join("/");
}

/** `*.{js,ts}` → `*.js`, `*.ts`; also one in another, and `{1..3}`. */
function expanded(pattern: string): string[] {
  const found = /(?<!\\)\{([^{}]*)\}/.exec(pattern);
  if (found === null) return [pattern];
  const [whole, inner = ""] = found;
  const range = /^(\d{1,4})\.\.(\d{1,4})$/.exec(inner);
  const alternatives =
    range === null
      ? inner.split(",")
      : Array.from({ length: Math.abs(Number(range[2]) - Number(range[1])) + 1 }, (_, index) =>
          String(Math.min(Number(range[1]), Number(range[2])) + index),
        );
  if (alternatives.length < 2) return [pattern];
  const before = pattern.slice(0, found.index);
  const after = pattern.slice(found.index + whole.length);
  return alternatives.flatMap((each) => expanded(before + each + after));
}
