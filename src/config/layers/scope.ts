/** One program's keys, once all that is said of them is known: values, variables from files, and what does not go together. */
import { check, checkPort, checkProxy, type KeyComplaint, neverWatched } from "../check/checks.ts";
import type { Config } from "../keys/keys.ts";
import type { Read } from "../text/source.ts";
import type { EnvFiles } from "./env-files.ts";
import { combine, configOf, type Effectives, type LayerItem } from "./layers.ts";
import { type Directories, fromWhereTheUserStands } from "./outside.ts";

export interface Scope {
  readonly effectives: Effectives;
  readonly config: Config;
  readonly envFiles: EnvFiles;
  /** The `PORT` that the process finds in its environment, if it is one. */
  readonly port: number | undefined;
  readonly isWatched: boolean;
  readonly faults: readonly KeyComplaint[];
  /** Beside those of the env files. */
  readonly notes: readonly string[];
}

export interface ScopeSurroundings {
  /** Absolute. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly isAir: boolean;
  /** Where services are declared it runs nothing itself: only what holds for all of them is judged. */
  readonly isTopOfMany: boolean;
  read(path: string): Read;
}

/** @param items the lowest layer first */
export async function scopeOf(
  items: readonly LayerItem[],
  directories: Directories,
  { cwd, env, isAir, isTopOfMany, read }: ScopeSurroundings,
): Promise<Scope> {
  const { root, commandDirectory } = directories;
  const isWatched = isNoneSwitchedOff(items);
  const settled = isWatched ? items.filter(({ key }) => key.name !== "watch") : items;
  const effectives = combine(fromWhereTheUserStands(settled, cwd, directories));
  const config = configOf(effectives);
  const envFiles = await envFilesOf(config, root, isAir, read);
  const port = portOf(config, env, envFiles.values);
  const isBehindProxy = hasProxy(effectives);
  const faults = isTopOfMany
    ? check(config, root, commandDirectory)
    : [
        ...check(config, root, commandDirectory),
        ...(port === undefined && !isBehindProxy ? checkPort(config) : []),
        ...(isBehindProxy ? checkProxy(config) : []),
        ...(config.sockets.listen.length === 0
          ? []
          : (await import("../check/sockets.ts")).checkSockets(config, { port, commandDirectory, env })),
      ];
  const notes = isWatched && !isTopOfMany ? neverWatched(config, root) : [];
  return { effectives, config, envFiles, port, isWatched, faults, notes };
}

/** There is one as soon as somebody says anything about it. */
export const hasProxy = (effectives: Effectives): boolean =>
  [...effectives.values()].some(
    ({ key, origins }) => key.section === "proxy" && origins.some(({ from }) => from !== "default"),
  );

/** `watch = false` has the last word, unless a later layer says what is to be watched. */
function isNoneSwitchedOff(items: readonly LayerItem[]): boolean {
  const last = items.findLast(
    ({ key, origin }) =>
      key.name === "watch" ||
      (key.section === "watch" && (origin.from === "file" || key.name === "watch.include_dirs")),
  );
  return last?.key.name !== "watch";
}

async function envFilesOf(
  { env_files }: Config,
  directory: string,
  isAir: boolean,
  read: (path: string) => Read,
): Promise<EnvFiles> {
  if (env_files.length === 0) return { values: {}, paths: [], notes: [], problems: [] };
  const { byDotenv, readEnvFiles } = await import("./env-files.ts");
  const parser = isAir ? (await import("../air/godotenv.ts")).byGodotenv : byDotenv;
  return readEnvFiles(env_files, directory, read, parser);
}

/** `PORT`, by the precedence of the environment that the process gets. */
function portOf(
  { proc }: Config,
  env: NodeJS.ProcessEnv,
  fileEnv: Readonly<Record<string, string>>,
): number | undefined {
  const text = proc.env["PORT"] ?? env["PORT"] ?? fileEnv["PORT"];
  const port = Number(text);
  return text !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}
