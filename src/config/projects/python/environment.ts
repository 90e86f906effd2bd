/** The virtual environment of a project, and the programs in it. */
import { readdirSync, realpathSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { has, textOf } from "../project.ts";

export interface Environment {
  /** As it is written in front of a program: `./.venv/bin/`, or empty where the path has it. */
  readonly programs: string;
  /** Relative to the project, where it lies in it. */
  readonly directory: string | undefined;
}

const bin = process.platform === "win32" ? "Scripts" : "bin";
const ending = process.platform === "win32" ? ".exe" : "";

/** The project's own, else the active one, else poetry's, else what is on the path. */
export function environmentOf(directory: string, env: NodeJS.ProcessEnv): Environment {
  const own = [env["UV_PROJECT_ENVIRONMENT"], ".venv", "venv", "env"].find(
    (name) => name !== undefined && name !== "" && isEnvironment(resolve(directory, name)),
  );
  if (own !== undefined) {
    const isInside = !/^(?:\/|\w:|\.\.)/.test(own);
    return {
      programs: isInside ? `./${own}/${bin}/` : join(resolve(directory, own), bin, "/"),
      directory: isInside ? own : undefined,
    };
  }
  if (env["VIRTUAL_ENV"] !== undefined || env["CONDA_PREFIX"] !== undefined)
    return { programs: "", directory: undefined };
  const poetry = poetryEnvironment(directory, env);
  return { programs: poetry === undefined ? "" : join(poetry, bin, "/"), directory: undefined };
}

const isEnvironment = (path: string): boolean => has(path, `${bin}/python${ending}`) || has(path, "pyvenv.cfg");

/** poetry keeps them in its cache, named after the project and a hash of its place. */
function poetryEnvironment(directory: string, env: NodeJS.ProcessEnv): string | undefined {
  if (!has(directory, "poetry.lock")) return undefined;
  const name = /^name\s*=\s*["']([^"']+)["']/m.exec(textOf(directory, "pyproject.toml") ?? "")?.[1];
  const home = env["HOME"];
  if (name === undefined || home === undefined) return undefined;
  const cache =
    env["POETRY_CACHE_DIR"] ??
    join(
      process.platform === "darwin" ? `${home}/Library/Caches` : (env["XDG_CACHE_HOME"] ?? `${home}/.cache`),
      "pypoetry",
    );
  const place = env["POETRY_VIRTUALENVS_PATH"] ?? join(cache, "virtualenvs");
  // Loading it takes 2 ms of each start, and few have an environment of poetry.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const hash = createHash("sha256").update(realpathSync(directory)).digest("base64url").slice(0, 8);
  const prefix = `${name
    .toLowerCase()
    .replaceAll(/[ $`!*@"\\\r\n\t]/g, "_")
    .slice(0, 42)}-${hash}-py`;
  try {
    const found = readdirSync(place).find((entry) => entry.startsWith(prefix));
    return found === undefined ? undefined : join(place, found);
  } catch {
    return undefined;
  }
}

/** A program of the environment as it is called; `undefined`: it is not there, or only the path can tell. */
export function programIn(environment: Environment, directory: string, name: string): string | undefined {
  if (environment.programs === "") return undefined;
  return has(resolve(directory, environment.programs), `${name}${ending}`)
    ? `${environment.programs}${name}`
    : undefined;
}

export function isOnPath(env: NodeJS.ProcessEnv, name: string): boolean {
  return (env["PATH"] ?? "").split(delimiter).some((each) => each !== "" && has(each, `${name}${ending}`));
}

/** `python`, as it is called here. */
export function interpreterOf(environment: Environment, directory: string, env: NodeJS.ProcessEnv): string {
  const own = programIn(environment, directory, "python");
  if (own !== undefined) return own;
  if (env["VIRTUAL_ENV"] !== undefined) return "python";
  return isOnPath(env, "python3") || !isOnPath(env, "python") ? "python3" : "python";
}
