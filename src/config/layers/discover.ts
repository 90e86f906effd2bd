/** Which file is the configuration: the nearest one, from the working directory upwards. */
import { existsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { realAsFarAs } from "../check/checks.ts";

/** In the order in which they are looked for in each directory. */
export const fileNames = [
  ".reload.toml",
  "reload.toml",
  ".config/reload.toml",
  ".air.toml",
  ".config/air.toml",
] as const;

export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** As the user would name it. */
  readonly name: string;
  /** Absolute; the directory that it speaks for: its own, or the one above `.config`. */
  readonly directory: string;
  readonly isNamed: boolean;
}

/**
 * Looks upwards to the directory with `.git`, never in the home directory, in the root of the file system or in another user's directory:
 * a file there would let somebody else choose what this user runs.
 */
export function discover(cwd: string, env: NodeJS.ProcessEnv): FoundFile | undefined {
  const home = homes(env);
  const mine = ownersTrusted(cwd);
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (dirname(directory) === directory || home.has(directory) || !mine(directory)) return undefined;
    for (const file of fileNames) {
      const path = join(directory, file);
      if (isFile(path)) return { path, name: nameOf(cwd, path), directory, isNamed: false };
    }
    if (existsSync(join(directory, ".git"))) return undefined;
  }
}

/** A file that lies here and that `discover` does not take, because of whose directory it is. */
export function passedOver(cwd: string): string | undefined {
  return fileNames.find((file) => isFile(join(cwd, file)));
}

/** The file that `-c` names. */
export function namedFile(cwd: string, file: string): FoundFile {
  const path = resolve(cwd, file);
  return { path, name: file, directory: homeOf(path), isNamed: true };
}

/** The files that `--profile` may mean, in this order: `.reload.NAME.toml` beside the file, or the file's own name with NAME in it. */
export function profileFiles(file: FoundFile | undefined, cwd: string, profile: string): readonly string[] {
  const directory = file === undefined ? cwd : dirname(file.path);
  const own =
    file === undefined ? [] : [join(directory, basename(file.path).replace(/(\.toml)?$/, `.${profile}.toml`))];
  return [...new Set([join(directory, `.reload.${profile}.toml`), ...own])];
}

/** A path as a user would name it from where they are. */
export function nameOf(cwd: string, path: string): string {
  const name = relative(cwd, path);
  return name === "" ? "." : name;
}

function homeOf(path: string): string {
  const directory = dirname(path);
  return basename(directory) === ".config" ? dirname(directory) : directory;
}

/** The home directory; empty where there is none (a user without an entry in the system's list). */
export function homeOfUser(env: NodeJS.ProcessEnv): string {
  // Set to nothing it is none, and a path that is not absolute would mean another place in each directory.
  if (env["HOME"] !== undefined && isAbsolute(env["HOME"])) return env["HOME"];
  try {
    // Not `homedir()`, which reads HOME again.
    return userInfo().homedir;
  } catch {
    return "";
  }
}

function homes(env: NodeJS.ProcessEnv): ReadonlySet<string> {
  const home = homeOfUser(env);
  // Of an empty path the real one would be the working directory.
  return new Set(home === "" ? [] : [home, realAsFarAs(home)]);
}

/** For root also the owner of the working directory: in a container the project often belongs to a user of the host. */
function ownersTrusted(cwd: string): (directory: string) => boolean {
  const user = process.geteuid?.();
  if (user === undefined) return () => true;
  const trusted = user === 0 ? [user, ownerOf(cwd)] : [user];
  return (directory) => trusted.includes(ownerOf(directory) ?? -1);
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.uid;
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    // A directory that may not be read has no configuration for this user.
    return false;
  }
}
