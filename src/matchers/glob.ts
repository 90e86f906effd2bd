/** One pattern of `include_files` and its like, as a test. */
import picomatch from "picomatch";

export interface Glob {
  /** As the user wrote it. */
  readonly pattern: string;
  readonly isNegative: boolean;
  /** The exact path that it names, if it has a `/` and nothing else that is special. */
  readonly path: string | undefined;
  /** The directory that it begins with, up to the first wildcard; what it names lies in there. */
  readonly opens: string | undefined;
  /** It says more than an ending: what it matches wins over the ignore files. */
  readonly isOutright: boolean;
  /** It says something of the name itself (`*.log`, not `src/**`). */
  readonly isOfName: boolean;
  matches(path: string, name: string): boolean;
  /** It names this file outright, not by an extension or a wildcard. */
  names(path: string, name: string): boolean;
}

/**
 * `.go`: every name that ends so · `go.mod`: a name at any depth · `*.html`: a glob at any depth · `web/**​/*.html`: from the base · `!…` takes back.
 * Returns what is wrong with the pattern as a string if it cannot be one.
 * @param pattern in the form that `formsOf` makes; @param written as the user wrote it
 */
export function compileGlob(pattern: string, written: string = pattern): Glob | string {
  const isNegative = pattern.startsWith("!");
  const slashes = (isNegative ? pattern.slice(1) : pattern).replaceAll(separators, "/");
  const isRooted = slashes.startsWith("/") || slashes.startsWith("./");
  const body = slashes.replace(/^(?:\.?\/)+/, "");
  if (body === "") return "an empty pattern matches nothing";
  if (body === ".." || body.startsWith("../")) return "a pattern cannot reach out of the directory that is watched";
  const never = (): boolean => false;
  const common = { pattern: written, isNegative, path: undefined, opens: undefined, names: never };
  const isEnding = body.startsWith(".") && !body.includes("/") && !special.test(body);
  const outright = { isOutright: !isEnding && /[^*?/.]/.test(body), isOfName: false };

  if (!special.test(body)) {
    if (body.endsWith("/")) {
      return { ...common, ...outright, opens: body.slice(0, -1), matches: (path) => path.startsWith(body) };
    }
    if (isRooted || body.includes("/")) {
      const below = `${body}/`;
      const names = (path: string): boolean => path === body;
      const matches = (path: string): boolean => path === body || path.startsWith(below);
      return { ...common, ...outright, path: body, opens: body, matches, names };
    }
    const names = (_: string, name: string): boolean => name === body;
    if (isEnding) return { ...common, ...outright, matches: (_, name) => name.endsWith(body), names };
    return { ...common, ...outright, matches: names, names };
  }
  const isOfName = /[^*?.]/.test(body.slice(body.lastIndexOf("/") + 1));
  // One star in a name (`*.html`, `.env*`, `main_*.go`) is the common case.
  const single = /^(?:\*\*\/)?([^*?[\]{}()!+@\\/]*)\*([^*?[\]{}()!+@\\/]*)$/.exec(body);
  if (single !== null && !isRooted) {
    const [, start = "", end = ""] = single;
    const least = start.length + end.length;
    const matches = (_: string, name: string): boolean =>
      name.length >= least && name.startsWith(start) && name.endsWith(end);
    return { ...common, ...outright, isOfName, matches };
  }
  try {
    const test = picomatch(body, { dot: true, flags: "s" });
    const isOfPath = isRooted || body.includes("/");
    const matches = isOfPath ? (path: string) => test(path) : (_: string, name: string) => test(name);
    return { ...common, ...outright, isOfName, opens: isOfPath ? literalDirectory(body) : undefined, matches };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const special = /[*?[\]{}()!+@\\]/;

const separators = process.platform === "win32" ? "\\" : "/";

/** Its segments up to the first that is more than text; a quoted character (`\[`) is text. */
function literalDirectory(body: string): string | undefined {
  const segments = body.split("/");
  const end = segments.findIndex((segment) => special.test(segment.replaceAll(/\\[^\w]/g, "")));
  const literal = segments.slice(0, end < 0 ? -1 : end).map((segment) => segment.replaceAll("\\", ""));
  return literal.length === 0 ? undefined : literal.join("/");
}
