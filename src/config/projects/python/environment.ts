/** The virtual environment of a project, and the programs in it. */
import { readdirSync, realpathSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { has, textOf } from "../project.ts";
import { upwards } from "../scripts/package.ts";

export interface Environment {
  /** As it is written in front of a program: `./.venv/bin/`, or empty where the path has it. */
  readonly programs: string;
  /** Relative to the project, where it lies in it. */
  readonly directory: string | undefined;
  /** What makes it and runs in it, where it is not made yet: `uv run`. */
  readonly runner: readonly string[];
}

const bin = process.platform === "win32" ? "Scripts" : "bin";
const ending = process.platform === "win32" ? ".exe" : "";

/** The project's own, here or above, else the active one, else that of its manager, else what is on the path. */
export function environmentOf(directory: string, env: NodeJS.ProcessEnv): Environment {
  for (const above of upwards(directory)) {
    const own = [env["UV_PROJECT_ENVIRONMENT"], ".venv", "venv", "env"].find(
      (name) => name !== undefined && name !== "" && isEnvironment(resolve(above, name)),
    );
    if (own === undefined) continue;
    const isInside = above === directory && !/^(?:\/|\w:|\.\.)/.test(own);
    return {
      programs: isInside ? `./${own}/${bin}/` : join(resolve(above, own), bin, "/"),
      directory: isInside ? own : undefined,
      runner: [],
    };
  }
  const ofManager =
    env["VIRTUAL_ENV"] === undefined && env["CONDA_PREFIX"] === undefined
      ? (poetryEnvironment(directory, env) ?? pdmEnvironment(directory) ?? pipenvEnvironment(directory, env))
      : undefined;
  if (ofManager !== undefined) return { programs: join(ofManager, bin, "/"), directory: undefined, runner: [] };
  const isOfUv = env["VIRTUAL_ENV"] === undefined && has(directory, "uv.lock") && isOnPath(env, "uv");
  return { programs: "", directory: undefined, runner: isOfUv ? ["uv", "run"] : [] };
}

/** pdm writes down which interpreter it uses. */
function pdmEnvironment(directory: string): string | undefined {
  const [, place] =
    /^(.*)[\\/](?:bin|Scripts)[\\/]python[^\\/]*\s*$/.exec(textOf(directory, ".pdm-python") ?? "") ?? [];
  return place !== undefined && has(place, "pyvenv.cfg") ? place : undefined;
}

/** pipenv keeps them in the home directory, named after the directory of the project and a hash of its Pipfile's place. */
function pipenvEnvironment(directory: string, env: NodeJS.ProcessEnv): string | undefined {
  const home = env["HOME"];
  if (home === undefined || !has(directory, "Pipfile")) return undefined;
  const { createHash } = process.getBuiltinModule("node:crypto");
  const there = realpathSync(directory);
  const hash = createHash("sha256").update(join(there, "Pipfile")).digest("base64url").slice(0, 8);
  const name = basename(there)
    .replaceAll(/[ &$`!*@"()[\]\\\r\n\t]/g, "_")
    .slice(0, 42);
  const places = [
    env["WORKON_HOME"] ?? join(env["XDG_DATA_HOME"] ?? `${home}/.local/share`, "virtualenvs"),
    `${home}/.virtualenvs`,
  ];
  return places.map((place) => join(place, `${name}-${hash}`)).find(isEnvironment);
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
export function interpreterOf(environment: Environment, directory: string, env: NodeJS.ProcessEnv): readonly string[] {
  const own = programIn(environment, directory, "python");
  if (own !== undefined) return [own];
  if (environment.runner.length > 0) return [...environment.runner, "python"];
  if (env["VIRTUAL_ENV"] !== undefined) return ["python"];
  return [isOnPath(env, "python3") || !isOnPath(env, "python") ? "python3" : "python"];
}
