/** A running `reload` on a project whose program writes a log: the setting of most tests. */
import { app, type Entry, entries, startNumber, starts } from "./log.ts";
import { newProject, type Project } from "./project.ts";
import { type Options, type Reload, reload } from "./reload.ts";

export interface Session extends AsyncDisposable {
  readonly project: Project;
  readonly program: Reload;
  /** Waits for the start with this number, from 1. */
  start(count: number): Promise<Entry>;
  readonly starts: readonly Entry[];
  readonly entries: readonly Entry[];
}

export interface Setting {
  /** The whole `.reload.toml`; `[proc]` is added. */
  readonly config?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** More environment for the program: `TRAP`, `READS`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly options?: Partial<Options>;
  /** Before `reload` starts. */
  readonly prepare?: (project: Project) => void;
}

/** The command of the driven program, as TOML. */
export const appCommand = JSON.stringify(["node", app]);

/** A project with a configuration that runs the program. */
export function prepared({ config = "", files = {}, prepare }: Setting): Project {
  const project = newProject({ ".reload.toml": `${config}\n[proc]\ncmd = ${appCommand}\n`, ...files });
  prepare?.(project);
  return project;
}

/** Starts `reload` and waits until the program runs and the tree is watched. */
export async function session(setting: Setting = {}): Promise<Session> {
  const project = prepared(setting);
  // The log lies outside of the watched names; a test that watches everything must ignore it by itself.
  const program = reload(["--verbose", ...(setting.args ?? [])], {
    cwd: project.directory,
    env: { LOG: project.path("app.log"), ...setting.env },
    ...setting.options,
  });
  const start = (count: number): Promise<Entry> => startNumber(project, count, program.seen);
  try {
    await start(1);
    await program.says(/watching \d/);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    project[Symbol.dispose]();
    throw error;
  }
  return {
    project,
    program,
    start,
    get starts() {
      return starts(project);
    },
    get entries() {
      return entries(project);
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}
