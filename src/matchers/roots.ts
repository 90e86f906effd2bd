/** One of the directories that are looked at: a path, or a pattern for several (`packages/*`, `src/**​/*.ts`). */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import picomatch from "picomatch";
import { isPattern } from "./written.ts";

export interface PatternRoot {
  /** As the user wrote it. */
  readonly written: string;
  /** The directory, or the one that the pattern begins with; `""` is the base. */
  readonly directory: string;
  holds(path: string): boolean;
}

/** @param written relative to the base, with `/` */
export function rootOf(written: string, base: string): PatternRoot {
  const { path: directory, pattern } = literalPart(written, base);
  if (pattern === "") return { written, directory, holds: (path) => isWithin(path, directory) };
  const test = picomatch(pattern, { dot: true, flags: "s" });
  return {
    written,
    directory,
    holds(path) {
      if (!isWithin(path, directory)) return false;
      // A directory that it matches is meant with all that is in it.
      const rest = directory === "" ? path : path.slice(directory.length + 1);
      for (let end = rest.length; end > 0; end = rest.lastIndexOf("/", end - 1))
        if (test(rest.slice(0, end))) return true;
      return false;
    },
  };
}

/** What a path begins with before it becomes a pattern, and the pattern from there on: empty for a plain path. What is there by its very name is not a pattern. */
export function literalPart(written: string, base: string): { readonly path: string; readonly pattern: string } {
  const segments = written.replaceAll("\\", "/").split("/");
  const at = segments.findIndex(
    (segment, index) => isPattern(segment) && !existsSync(resolve(base, segments.slice(0, index + 1).join("/"))),
  );
  if (at < 0) return { path: written, pattern: "" };
  const path = segments.slice(0, at).join("/");
  const pattern = segments.slice(at).join("/").replace(/\/+$/, "");
  return { path: path === "" && written.startsWith("/") ? "/" : path, pattern };
}

const isWithin = (path: string, directory: string): boolean =>
  directory === "" || path === directory || path.startsWith(`${directory}/`);
