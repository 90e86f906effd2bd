/** Who is measured, and how each is set up: the same task in each tool's own words. `defaults` is what its first page tells you to write, `best` the fastest setting we know. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Launch } from "./processes.ts";

/** What a tool shall do. */
export interface Job {
  /** The project: a directory of its own, configuration files are written here. */
  readonly dir: string;
  readonly run: readonly [string, ...string[]];
  /** A shell command that comes first. */
  readonly build?: string;
  /** Only files that end so count, with the dot. */
  readonly ext: string;
  /** Every file, for tools that want a list. */
  files(): readonly string[];
}

export interface Tool {
  readonly name: string;
  readonly setting: "defaults" | "best" | "bare";
  /** What was set, for the page. */
  readonly how: string;
  /** Which child it can run: most run anything, some only Node. */
  readonly child: "any" | "node";
  /** The program, or why it is not here. */
  readonly program: { readonly path: string } | { readonly missing: string };
  readonly version: string;
  launch(job: Job, path: string): Launch;
}

export const home =
  process.env["RELOAD_BENCH_HOME"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "reload-bench");

export const cli = process.env["RELOAD_BENCH_CLI"] ?? join(process.cwd(), "dist", "cli.js");

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
const shell = (words: readonly string[]): string => words.map(quoted).join(" ");
const toml = (words: readonly string[]): string => JSON.stringify(words);
/** Build and run in one line, for tools that know one command only. */
const line = (job: Job): string => `${job.build === undefined ? "" : `${job.build} && `}exec ${shell(job.run)}`;
const words = (job: Job): readonly string[] => (job.build === undefined ? job.run : ["sh", "-c", line(job)]);
const bare = (job: Job): string => job.ext.slice(1);

export const isInstalled = (name: string): boolean => existsSync(join(home, "bin", name));

function peer(name: string): { program: Tool["program"]; version: string } {
  const path = join(home, "bin", name);
  if (!existsSync(path)) return { program: { missing: "not installed (test/bench/peers.sh)" }, version: "" };
  try {
    return { program: { path }, version: readFileSync(join(home, `${name}.version`), "utf8").trim() };
  } catch {
    return { program: { path }, version: "" };
  }
}

function ours(more: string, setting: Tool["setting"], how: string): Tool {
  return {
    name: "reload",
    setting,
    how,
    child: "any",
    program: existsSync(cli) ? { path: cli } : { missing: "not built (npm run build)" },
    version: JSON.parse(readFileSync("package.json", "utf8")).version,
    launch(job, path) {
      const build = job.build === undefined ? "" : `[build]\ncmd = ${JSON.stringify(job.build)}\n`;
      writeFileSync(
        join(job.dir, ".reload.toml"),
        `${build}[proc]\ncmd = ${toml(job.run)}\n[watch]\ninclude_files = ["${job.ext}"]\n${more}`,
      );
      return { command: [process.execPath, path], cwd: job.dir };
    },
  };
}

function air(more: string, direct: boolean, setting: Tool["setting"], how: string): Tool {
  return {
    name: "air",
    setting,
    how,
    child: "any",
    ...peer("air"),
    launch(job, path) {
      const run = direct ? `full_bin = ${JSON.stringify(`exec ${shell(job.run)}`)}` : `entrypoint = ${toml(job.run)}`;
      writeFileSync(
        join(job.dir, ".air.toml"),
        `root = "."\ntmp_dir = "tmp"\n[build]\ncmd = ${JSON.stringify(job.build ?? ":")}\n${run}\ninclude_ext = ["${bare(job)}"]\n${more}`,
      );
      return { command: [path, "-c", ".air.toml"], cwd: job.dir };
    },
  };
}

function watchexec(flags: readonly string[], setting: Tool["setting"], how: string): Tool {
  return {
    name: "watchexec",
    setting,
    how,
    child: "any",
    ...peer("watchexec"),
    // Through its shell, which is the default, it takes one line; words would be joined without quotes.
    launch: (job, path) => ({
      command: [path, "-r", "-e", bare(job), ...flags, "--", ...(setting === "best" ? words(job) : [line(job)])],
      cwd: job.dir,
    }),
  };
}

function nodemon(flags: readonly string[], setting: Tool["setting"], how: string): Tool {
  return {
    name: "nodemon",
    setting,
    how: `${how} (and \`--signal SIGTERM\` for the Go server: Go programs do not hear its SIGUSR2)`,
    child: "any",
    ...peer("nodemon"),
    launch: (job, path) => ({
      command: [
        process.execPath,
        path,
        ...flags,
        ...(job.build === undefined ? [] : ["--signal", "SIGTERM"]),
        "-e",
        bare(job),
        "--exec",
        job.build === undefined ? shell(job.run) : line(job),
      ],
      cwd: job.dir,
    }),
  };
}

function wgo(flags: readonly string[], setting: Tool["setting"], how: string): Tool {
  return {
    name: "wgo",
    setting,
    how,
    child: "any",
    ...peer("wgo"),
    launch: (job, path) => ({
      command: [path, ...flags, "-file", `\\${job.ext}$`, ...words(job)],
      cwd: job.dir,
    }),
  };
}

function lowerBound(mode: "race" | "wait", how: string): Tool {
  return {
    name: mode === "race" ? "fs.watch + spawn" : "fs.watch + stop + spawn",
    setting: "bare",
    how,
    child: "any",
    program: { path: join(import.meta.dirname, "bare.js") },
    version: process.version,
    launch: (job, path) => ({ command: [process.execPath, path, mode, job.dir, ...words(job)], cwd: job.dir }),
  };
}

export const tools: readonly Tool[] = [
  ours("", "defaults", "`.reload.toml` with `[proc] cmd` and `include_files`"),
  ours('debounce = "0ms"\n', "best", '`debounce = "0ms"`'),
  lowerBound("race", "a script of 40 lines: the new child starts while the old one ends"),
  lowerBound("wait", "the same, but it waits for the old child's exit"),
  air(
    "",
    false,
    "defaults",
    '`.air.toml` as `air init` writes it (`delay` 1000, `entrypoint`), `cmd = ":"` where nothing is built',
  ),
  air("delay = 1\n", true, "best", "`delay = 1` (0 is taken for unset), `full_bin` with `exec`"),
  watchexec([], "defaults", "`watchexec -r -e EXT -- CHILD`"),
  watchexec(["--debounce", "0ms", "--shell", "none"], "best", "`--debounce 0ms --shell none`"),
  {
    name: "entr",
    setting: "defaults",
    how: "`find … | entr -n -r CHILD`",
    child: "any",
    ...peer("entr"),
    launch: (job, path) => ({
      command: [path, "-n", "-r", ...words(job)],
      cwd: job.dir,
      stdin: `${job.files().join("\n")}\n`,
    }),
  },
  nodemon([], "defaults", "`nodemon -e EXT --exec CHILD`"),
  nodemon(["--delay", "1ms"], "best", "`--delay 1ms`"),
  {
    name: "reflex",
    setting: "defaults",
    how: "`reflex -r '\\.EXT$' -s -- CHILD`",
    child: "any",
    ...peer("reflex"),
    launch: (job, path) => ({ command: [path, "-r", `\\${job.ext}$`, "-s", "--", ...words(job)], cwd: job.dir }),
  },
  {
    name: "modd",
    setting: "defaults",
    how: "`modd.conf`: `**/*.EXT { prep: BUILD; daemon +sigterm: CHILD }`; its daemons wait 0.5 s before a restart, and twice as long each time when restarts are less than 8 s apart, up to 8 s",
    child: "any",
    ...peer("modd"),
    launch(job, path) {
      const prep = job.build === undefined ? "" : `  prep: ${job.build}\n`;
      writeFileSync(
        join(job.dir, "modd.conf"),
        `**/*${job.ext} {\n${prep}  daemon +sigterm: ${job.run.join(" ")}\n}\n`,
      );
      return { command: [path], cwd: job.dir };
    },
  },
  wgo([], "defaults", "`wgo -file .EXT CHILD`"),
  wgo(["-debounce", "1ms"], "best", "`-debounce 1ms`"),
  {
    name: "CompileDaemon",
    setting: "defaults",
    how: "`CompileDaemon -build BUILD -command CHILD`",
    child: "any",
    ...peer("CompileDaemon"),
    launch: (job, path) => ({
      command: [path, `-build=${job.build ?? "true"}`, `-command=${job.run.join(" ")}`, `-pattern=\\${job.ext}$`],
      cwd: job.dir,
    }),
  },
  {
    name: "node --watch",
    setting: "defaults",
    how: "`node --watch child.js`",
    child: "node",
    program: { path: process.execPath },
    version: process.version,
    launch: (job, path) => ({ command: [path, "--watch", ...job.run.slice(1)], cwd: job.dir }),
  },
  {
    name: "tsx watch",
    setting: "defaults",
    how: "`tsx watch child.js`",
    child: "node",
    ...peer("tsx"),
    launch: (job, path) => ({ command: [process.execPath, path, "watch", ...job.run.slice(1)], cwd: job.dir }),
  },
];

export function label(tool: Tool): string {
  return tool.setting === "best" ? `${tool.name}, best` : tool.name;
}
