/** What was written for which source, and when that is still true. */
import { existsSync, mkdirSync, readFileSync, renameSync, type Stats, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { TypeScript } from "./typescript.ts";

export interface Entry {
  readonly size: number;
  readonly mtimeMs: number;
  readonly outputs: readonly string[];
  /** Sources that it imports by relative paths. */
  readonly imports: readonly string[];
}

export interface Manifest {
  readonly stamp: string;
  readonly files: Readonly<Record<string, Entry>>;
}

export const isSource = (file: string): boolean => /(?<!\.d)\.[mc]?tsx?$/.test(file) || /\.[mc]?jsx?$/.test(file);

/** Whether what was written for it is what would be written now. */
export const isFresh = (known: Entry | undefined, stats: Stats): known is Entry =>
  known !== undefined &&
  known.size === stats.size &&
  known.mtimeMs === stats.mtimeMs &&
  known.outputs.every((each) => existsSync(each));

/** Relative imports, by name and as the sources that they mean. */
export function importsOf(ts: TypeScript, file: string, text: string): { names: string[]; sources: string[] } {
  const names = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => /^\.{1,2}(?:\/|$)/.test(name));
  return { names, sources: names.flatMap((name) => sourceOf(dirname(file), name) ?? []) };
}

export function sourceOf(directory: string, name: string): string | undefined {
  const path = resolve(directory, name);
  const bare = path.replace(/\.([mc]?)jsx?$/, "");
  const endings = [".ts", ".tsx", ".mts", ".cts"];
  return [path, ...endings.map((each) => `${bare}${each}`), ...endings.map((each) => join(path, `index${each}`))].find(
    (each) => /(?<!\.d)\.[mc]?tsx?$/.test(each) && existsSync(each),
  );
}

/** A program that starts in this moment sees the old file or the new one, never half of it. */
export function writeWhole(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}~`, text);
  renameSync(`${path}.${process.pid}~`, path);
}

/** With other options, or of another compiler, it tells nothing. */
export function readManifest(path: string, stamp?: string): Manifest {
  try {
    const value: Manifest = JSON.parse(readFileSync(path, "utf8"));
    if (stamp === undefined || value.stamp === stamp) return value;
  } catch {
    // Nothing was written so far.
  }
  return { stamp: stamp ?? "", files: {} };
}
