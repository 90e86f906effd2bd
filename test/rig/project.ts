/** A project of a user's: a directory of its own in the temp directory. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Project extends Disposable {
  readonly directory: string;
  path(name: string): string;
  write(name: string, text: string): void;
  append(name: string, text: string): void;
  /** As careful editors save: a new file, renamed over the old one. */
  replace(name: string, text: string): void;
  read(name: string): string;
  has(name: string): boolean;
  git(...args: string[]): string;
}

/** @param below its directory, in one of the test's own: what lies above it can be written too */
export function newProject(files: Readonly<Record<string, string>> = {}, below = "."): Project {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "reload test ")));
  const directory = join(top, below);
  mkdirSync(directory, { recursive: true });
  const path = (name: string): string => join(directory, name);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    directory,
    path,
    write,
    append: (name, text) => appendFileSync(path(name), text),
    replace(name, text) {
      write(`${name}.new~`, text);
      renameSync(path(`${name}.new~`), path(name));
    },
    read: (name) => (existsSync(path(name)) ? readFileSync(path(name), "utf8") : ""),
    has: (name) => existsSync(path(name)),
    git: (...args) =>
      execFileSync(
        "git",
        ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", ...args],
        {
          cwd: directory,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        },
      ),
    [Symbol.dispose]: () => rmSync(top, { recursive: true, force: true, maxRetries: 5 }),
  };
}
