/** Programs that packages and a virtual environment brought, on the `PATH` of what is started: as package managers do it. */
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** Where commands are carried out, and what they find there. */
export interface ProgramPlace {
  /** Absolute: where commands run. */
  readonly root: string;
  /** What `env_files` say. */
  readonly fileEnv: Readonly<Record<string, string>>;
  /** Whether programs of packages and of a virtual environment win over others of the `PATH`. */
  readonly areProgramsInFront: boolean;
}

/** The variable to set, under the name that it has; nothing where it would stay as it is. */
export function withPrograms(env: NodeJS.ProcessEnv, { root, areProgramsInFront }: ProgramPlace): NodeJS.ProcessEnv {
  const own = [...binariesAbove(root), ...virtualEnvironment(env)];
  if (own.length === 0) return {};
  const name = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  const given = (env[name] ?? "").split(delimiter).filter((each) => each !== "");
  const all = areProgramsInFront
    ? [...own, ...given.filter((each) => !own.includes(each))]
    : [...given, ...own.filter((each) => !given.includes(each))];
  return { [name]: all.join(delimiter) };
}

function binariesAbove(directory: string): string[] {
  const found: string[] = [];
  for (let above = directory; ; above = dirname(above)) {
    const binaries = join(above, "node_modules", ".bin");
    if (existsSync(binaries)) found.push(binaries);
    if (dirname(above) === above || existsSync(join(above, ".git"))) return found;
  }
}

function virtualEnvironment({ VIRTUAL_ENV }: NodeJS.ProcessEnv): string[] {
  if (VIRTUAL_ENV === undefined || VIRTUAL_ENV === "") return [];
  const programs = join(VIRTUAL_ENV, process.platform === "win32" ? "Scripts" : "bin");
  return existsSync(programs) ? [programs] : [];
}
