/** Directories to work in, and the children that are compiled for the bench. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { home } from "./tools.ts";

export interface Tree {
  readonly dir: string;
  /** Absolute. */
  readonly files: readonly string[];
  /** How many, the top one included. */
  readonly directories: number;
}

export const scratch = mkdtempSync(join(tmpdir(), "reload-bench-"));

export function removeScratch(): void {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}

/** `files` files, ten to a directory in `files / 10` directories of two levels, each with a few lines of its own. */
export function makeTree(name: string, files: number, ext: string): Tree {
  const dir = join(scratch, name);
  const made: string[] = [];
  const directories = new Set([dir]);
  for (let index = 0; index < files; index += 1) {
    const box = Math.floor(index / 10);
    const path = join(dir, `d${Math.floor(box / 32)}`, `e${box % 32}`, `f${index}${ext}`);
    if (index % 10 === 0) {
      mkdirSync(dirname(path), { recursive: true });
      directories.add(dirname(path)).add(dirname(dirname(path)));
    }
    writeFileSync(path, `// file ${index}\n${"x".repeat(200)}\n`);
    made.push(path);
  }
  return { dir, files: made, directories: directories.size };
}

/** A program of `native/`, compiled into the cache; undefined where there is no compiler. */
export function compiled(name: "probe" | "tree"): string | undefined {
  const source = join(process.cwd(), "test/bench/native", `${name}.c`);
  const target = join(home, `${name}-${process.arch}`);
  try {
    if (statSync(target).mtimeMs > statSync(source).mtimeMs) return target;
  } catch {
    // Not compiled yet.
  }
  mkdirSync(home, { recursive: true });
  for (const how of [["-static"], []]) {
    if (spawnSync("cc", ["-O2", ...how, "-o", target, source], { stdio: "ignore" }).status === 0) return target;
  }
  return undefined;
}

export function versionOf(command: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}
