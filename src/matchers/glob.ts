/** One pattern of `include_files` and its like, as a test. */
import picomatch from "picomatch";

export interface Glob {
  /** As the user wrote it. */
  readonly pattern: string;
  readonly isNegative: boolean;
  /** The exact path that it names, if it has a `/` and nothing else that is special. */
  readonly path: string | undefined;
  matches(path: string, name: string): boolean;
  /** It names this file outright, not by an extension or a wildcard. */
  names(path: string, name: string): boolean;
}

/**
 * `.go`: every name that ends so · `go.mod`: a name at any depth · `*.html`: a glob at any depth · `web/**​/*.html`: from the base · `!…` takes back.
 * Returns what is wrong with the pattern as a string if it is none.
 */
export function compileGlob(written: string): Glob | string {
  const isNegative = written.startsWith("!");
  const slashes = (isNegative ? written.slice(1) : written).replaceAll(separators, "/");
  const isRooted = slashes.startsWith("/") || slashes.startsWith("./");
  const body = slashes.replace(/^(?:\.?\/)+/, "");
  if (body === "") return "an empty pattern matches nothing";
  if (body === ".." || body.startsWith("../")) return "a pattern cannot reach out of the directory that is watched";
  const common = { pattern: written, isNegative };
  const never = (): boolean => false;

  if (!special.test(body)) {
    if (body.endsWith("/")) {
      return { ...common, path: undefined, matches: (path) => path.startsWith(body), names: never };
    }
    if (isRooted || body.includes("/")) {
      const below = `${body}/`;
      const names = (path: string): boolean => path === body;
      return { ...common, path: body, matches: (path) => path === body || path.startsWith(below), names };
    }
    const names = (_: string, name: string): boolean => name === body;
    if (body.startsWith(".")) return { ...common, path: undefined, matches: (_, name) => name.endsWith(body), names };
    return { ...common, path: undefined, matches: names, names };
  }
  // One star in a name (`*.html`, `.env*`, `main_*.go`) is the common case.
  const single = /^(?:\*\*\/)?([^*?[\]{}()!+@\\/]*)\*([^*?[\]{}()!+@\\/]*)$/.exec(body);
  if (single !== null && !isRooted) {
    const [, start = "", end = ""] = single;
    const least = start.length + end.length;
    const matches = (_: string, name: string): boolean =>
      name.length >= least && name.startsWith(start) && name.endsWith(end);
    return { ...common, path: undefined, matches, names: never };
  }
  try {
    const test = picomatch(body, { dot: true });
    const matches =
      isRooted || body.includes("/") ? (path: string) => test(path) : (_: string, name: string) => test(name);
    return { ...common, path: undefined, matches, names: never };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const special = /[*?[\]{}()!+@\\]/;

const separators = process.platform === "win32" ? "\\" : "/";
