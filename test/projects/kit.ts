/** The tools themselves, from the registries, in a cache outside of the repository. */
import { type ExecFileSyncOptions, execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { App } from "./apps.ts";

export type Kit = App["needs"] | "served";

export interface Tools {
  /** A `node_modules` with watchers and frameworks. */
  readonly node: string;
  /** A virtual environment with frameworks and servers. */
  readonly python: string;
  /** A `node_modules` with what servers of a real size load. */
  readonly served: string;
  /** Why projects of this kind cannot be run here. */
  missing(kind: Kit): string | undefined;
}

/** `npm ci` removes all of `node_modules`. */
export const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "reload-projects");
const lists = resolve("test/projects/kit");

/** Not one whose installation was broken off. */
export const isComplete = (kind: "node" | "python" | "served"): boolean => existsSync(join(cache, kind, "complete"));

export function toolKit(kinds: ReadonlySet<Kit>): Tools {
  const reasons: Partial<Record<Kit, string>> = {};
  const install = (kind: "node" | "python" | "served", list: string, how: (directory: string) => void): void => {
    const directory = join(cache, kind);
    const copy = join(directory, list);
    if (!kinds.has(kind) || (isComplete(kind) && existsSync(copy) && same(copy, join(lists, list)))) return;
    if (!isComplete(kind)) rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    rmSync(join(directory, "complete"), { force: true });
    copyFileSync(join(lists, list), copy);
    try {
      how(directory);
      copyFileSync(copy, join(directory, "complete"));
    } catch (error) {
      reasons[kind] = `could not be installed: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  const quiet: ExecFileSyncOptions = { stdio: ["ignore", "ignore", "inherit"] };
  const npm = (cwd: string): void => {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", "--engine-strict=false"], {
      cwd,
      ...quiet,
    });
  };
  install("node", "package.json", npm);
  install("served", "served.json", (cwd) => {
    copyFileSync(join(cwd, "served.json"), join(cwd, "package.json"));
    npm(cwd);
  });
  install("python", "requirements.txt", (cwd) => {
    execFileSync("python3", ["-m", "venv", ".venv"], { cwd, ...quiet });
    execFileSync(
      join(cwd, ".venv/bin/pip"),
      ["install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"],
      {
        cwd,
        ...quiet,
      },
    );
  });
  for (const [kind, program] of [
    ["go", "go"],
    ["rust", "cargo"],
  ] as const)
    if (
      kinds.has(kind) &&
      spawnSync(program, [kind === "go" ? "version" : "--version"], { stdio: "ignore" }).error !== undefined
    )
      reasons[kind] = `${program} is not here`;
  return {
    node: join(cache, "node/node_modules"),
    python: join(cache, "python/.venv"),
    served: join(cache, "served/node_modules"),
    missing: (kind) => reasons[kind],
  };
}

const same = (one: string, other: string): boolean => readFileSync(one, "utf8") === readFileSync(other, "utf8");
