/** The tools themselves, from the registries, in a cache of the repository. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export interface Tools {
  /** A `node_modules` with watchers and frameworks. */
  readonly node: string;
}

/** Outside of the repository: `npm ci` removes all of `node_modules`. */
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "reload-projects");

export async function toolKit(): Promise<Tools> {
  const directory = join(cache, "node");
  const own = resolve("test/projects/kit/package.json");
  const copy = join(directory, "package.json");
  const isThere =
    existsSync(join(directory, "node_modules/.package-lock.json")) &&
    readFileSync(copy, "utf8") === readFileSync(own, "utf8");
  if (!isThere) {
    mkdirSync(directory, { recursive: true });
    copyFileSync(own, copy);
    execFileSync("npm", ["install", "--no-audit", "--no-fund"], {
      cwd: directory,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return { node: join(directory, "node_modules") };
}
