/** Scripts of a package.json: which of them watches by itself, and how one can be run without its package manager in between. */
import { dirname, join, relative } from "node:path";
import { has } from "./project.ts";

export interface Package {
  readonly directory: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly manager: string;
}

/** Programs that watch for themselves, as they occur in scripts. */
const watchers: readonly (readonly [pattern: RegExp, name: string])[] = [
  [
    /(?:^|[\s/])(nodemon|ts-node-dev|tsnd|node-dev|supervisor|watchexec|chokidar|onchange|air|wgo|entr|concurrently)(?:\s|$)/,
    "",
  ],
  [/(?:^|[\s/])reload(?:-dev)?(?:\s|$)/, "reload"],
  [/(?:^|\s)(tsx|bun|deno)\s+(?:\S+\s+)*?(?:watch|--watch|--hot)(?:[\s=]|$)/, "$1 watch"],
  [/(?:^|[\s/])vite(?!\S)(?!\s+(?:build|preview|optimize))/, "vite"],
  [
    /(?:^|[\s/])(next|nuxt|nuxi|astro|remix|vinxi|wrangler|svelte-kit|gatsby|storybook|react-router|waku)\s+(?:dev|develop)(?:\s|$)/,
    "$1 dev",
  ],
  [
    /(?:^|[\s/])(webpack-dev-server|react-scripts\s+start|vue-cli-service\s+serve|webpack\s+serve|ng\s+serve|expo\s+start|parcel|rspack\s+(?:serve|dev)|rsbuild\s+dev)(?:\s|$)/,
    "",
  ],
  [
    /(?:^|[\s/])(tsc|rollup|webpack|esbuild|tsup|tsdown|nest|swc)\s(?:.*\s)?(?:-w|--watch|--serve)(?:[\s=]|$)/,
    "$1 --watch",
  ],
  [/(?:^|\s)--watch(?:-path)?(?:[\s=]|$)/, "--watch"],
  [/(?:^|[\s/])(turbo|nx|lerna)\s/, ""],
];

/** The name of the watcher that a script starts, also by way of another script; `undefined` if it starts none. */
export function watcherIn(script: string, { scripts }: Package, depth = 0): string | undefined {
  for (const [pattern, name] of watchers) {
    const found = pattern.exec(script);
    if (found !== null) return name === "" ? found[1] : name.replace("$1", found[1] ?? "");
  }
  const next = /(?:^|[\s;&|])(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:-\S+\s+)*([\w:.-]+)/.exec(script)?.[1];
  const text = next === undefined ? undefined : scripts[next];
  return text === undefined || depth > 5
    ? undefined
    : watcherIn(text, { directory: "", manager: "", scripts }, depth + 1);
}

/**
 * The command that runs a script. A plain one is run as it is: a package manager in between costs a few hundred milliseconds at each start.
 * One that the shell has to read, or whose neighbours (`predev`) or variables (`npm_…`) a package manager provides, goes through it.
 */
export function commandOf(name: string, { directory, scripts, manager }: Package): readonly string[] {
  const script = (scripts[name] ?? "").trim();
  const through = [manager, "run", name];
  if (scripts[`pre${name}`] !== undefined || scripts[`post${name}`] !== undefined) return through;
  if (/[|&;<>()$`\\"'*?[\]{}~#\n]/.test(script) || process.platform === "win32") return through;
  const [program = "", ...args] = script.split(/\s+/);
  if (program === "node" || program === "deno" || program === "bun") return [program, ...args];
  const local = localProgram(directory, program);
  return local === undefined ? through : [local, ...args];
}

/** A program that a dependency brought, here or above (workspaces). */
export function localProgram(directory: string, name: string): string | undefined {
  if (!/^[\w@.-]+$/.test(name)) return undefined;
  for (let above = directory; ; above = dirname(above)) {
    const path = join(above, "node_modules/.bin", name);
    if (has(above, join("node_modules/.bin", name)))
      return above === directory ? `./${relative(directory, path)}` : path;
    if (dirname(above) === above || has(above, ".git")) return undefined;
  }
}

/** Whose lock file lies here. */
export function packageManager(directory: string, field: unknown): string {
  const named = typeof field === "string" ? /^(npm|pnpm|yarn|bun)@/.exec(field)?.[1] : undefined;
  if (named !== undefined) return named;
  const locks = { "pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun" };
  return Object.entries(locks).find(([lock]) => has(directory, lock))?.[1] ?? "npm";
}
