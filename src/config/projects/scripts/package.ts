/** A package.json as far as its scripts go: what they are, who runs them, and what its dependencies brought. */
import { realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { has, textOf } from "../project.ts";
import { workspaceMembers } from "./workspaces.ts";

export interface Package {
  /** Absolute. */
  readonly directory: string;
  readonly name: string | undefined;
  readonly main: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  readonly manager: Manager;
  readonly workspaces: readonly string[];
  readonly manifest: Readonly<Record<string, unknown>>;
  /** In which its scripts would be run. */
  readonly env: NodeJS.ProcessEnv;
}

export type Manager = "npm" | "pnpm" | "yarn" | "bun";

/** `undefined`: there is no package.json. `"broken"`: it is not JSON. */
export function readPackage(directory: string, env: NodeJS.ProcessEnv): Package | "broken" | undefined {
  const text = textOf(directory, "package.json");
  if (text === undefined) return undefined;
  const manifest = jsonObject(text);
  if (manifest === undefined) return "broken";
  const { name, main, scripts, packageManager } = {
    name: manifest["name"],
    main: manifest["main"],
    scripts: manifest["scripts"],
    packageManager: manifest["packageManager"],
  };
  return {
    directory,
    name: typeof name === "string" ? name : undefined,
    main: typeof main === "string" ? main : undefined,
    scripts: stringsIn(scripts),
    manager: managerOf(directory, packageManager),
    workspaces: workspacesIn(manifest["workspaces"], textOf(directory, "pnpm-workspace.yaml")),
    manifest,
    env,
  };
}

/** Scripts that lie in no package.json. */
export const barePackage = (directory: string, scripts: Package["scripts"], env: NodeJS.ProcessEnv): Package => ({
  directory,
  name: undefined,
  main: undefined,
  scripts,
  manager: "npm",
  workspaces: [],
  manifest: {},
  env,
});

export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function stringsIn(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

/** Whose lock file lies here or above; the field of the package.json says it outright. */
function managerOf(directory: string, field: unknown): Manager {
  const named = typeof field === "string" ? /^(npm|pnpm|yarn|bun)@/.exec(field)?.[1] : undefined;
  if (named === "npm" || named === "pnpm" || named === "yarn" || named === "bun") return named;
  const locks = {
    "package-lock.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
  } as const;
  for (const above of upwards(directory)) {
    const found = Object.entries(locks).find(([lock]) => has(above, lock))?.[1];
    if (found !== undefined) return found;
  }
  return "npm";
}

/** This directory and those above it, up to the top of the repository. */
export function upwards(directory: string): string[] {
  const all: string[] = [];
  for (let above = directory; ; above = dirname(above)) {
    all.push(above);
    if (dirname(above) === above || has(above, ".git")) return all;
  }
}

/** A program that a dependency brought, here or above (workspaces); as a path that works in `directory`. */
export function localProgram(directory: string, name: string): string | undefined {
  if (!/^[\w@.-]+$/.test(name)) return undefined;
  const above = upwards(directory).find((each) => has(each, join("node_modules/.bin", name)));
  if (above === undefined) return undefined;
  const path = join(above, "node_modules/.bin", name);
  return above === directory ? `./${relative(directory, path)}` : path;
}

/** Whether a package can be loaded from here. */
export const hasModule = (directory: string, name: string): boolean =>
  upwards(directory).some((each) => has(each, join("node_modules", name, "package.json")));

/** The directories of all packages of the workspace. */
export const allMembers = ({ directory, workspaces }: Package): string[] => [
  ...new Set(workspaces.flatMap((pattern) => workspaceMembers(directory, pattern))),
];

/** The directory of a package of the workspace, by name or by path. */
export function workspaceMember(from: Package, wanted: string): string | undefined {
  const byPath = resolve(from.directory, wanted);
  if (has(byPath, "package.json") && real(byPath) !== real(from.directory)) return byPath;
  const named = allMembers(from).flatMap((member) => {
    const pkg = readPackage(member, from.env);
    return pkg === undefined || pkg === "broken" || pkg.name === undefined ? [] : [{ member, name: pkg.name }];
  });
  // pnpm finds `@shop/api` by `api` too, where no other one is called so.
  const scoped = named.filter(({ name }) => name.startsWith("@") && name.endsWith(`/${wanted}`));
  return named.find(({ name }) => name === wanted)?.member ?? (scoped.length === 1 ? scoped[0]?.member : undefined);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function workspacesIn(field: unknown, pnpm: string | undefined): string[] {
  const list = typeof field === "object" && field !== null && "packages" in field ? field.packages : field;
  const own = Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  const listed = [...(pnpm ?? "").matchAll(/^\s*-\s*["']?([^"'#\s]+)["']?/gm)].map(([, pattern = ""]) => pattern);
  // `packages: ["apps/*", "libs/*"]`
  const inline = /^packages:\s*\[([^\]]*)\]/m.exec(pnpm ?? "")?.[1]?.split(",") ?? [];
  const bare = inline.map((pattern) => pattern.replaceAll(/["'\s]/g, "")).filter((pattern) => pattern !== "");
  return [...own, ...listed, ...bare].filter((pattern) => !pattern.startsWith("!"));
}
