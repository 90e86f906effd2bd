/** Every key of an `.air.toml` (air 1.67): what it becomes here. The table of `docs/from-air.md` is made from this one, and so are the hints for air's names in a `.reload.toml`. */

import { nearest } from "../check/suggest.ts";

export type AirType =
  | "string"
  | "strings"
  | "boolean"
  | "integer"
  | "milliseconds"
  | "duration"
  | "command words"
  | "list of tables";

export interface AirKey {
  readonly name: string;
  readonly type: AirType;
  /** What air takes when the key is missing, in TOML. */
  readonly default?: unknown;
  /** Key of `reload` that it becomes; absent: there is none. */
  readonly becomes?: string;
  /** In Markdown: what it means here, and where that is not what air does. */
  readonly here: string;
  /** `[build.windows]`, `[build.darwin]` and `[build.linux]` can say it too. */
  readonly perSystem?: true;
  /** Says something about how air itself looks, and has nothing to become. Not worth a word when a file is translated. */
  readonly isCosmetic?: true;
}

export const airKeys: readonly AirKey[] = [
  {
    name: "root",
    type: "string",
    default: ".",
    becomes: "root",
    here: "The same: what is watched, relative to the working directory. Commands run in the working directory, not in `root`.",
  },
  {
    name: "tmp_dir",
    type: "string",
    default: "tmp",
    becomes: "tmp_dir",
    here: "The same. One that is `root` or above it (`/`, `.`) is not taken: it would hide every source, and `clean_on_exit` would remove it, as air does.",
  },
  {
    name: "testdata_dir",
    type: "string",
    default: "testdata",
    becomes: "watch.exclude_dirs",
    here: "Never watched, as in air.",
  },
  {
    name: "env_files",
    type: "strings",
    default: [],
    becomes: "env_files",
    here: "The same, and an edited file restarts (air notices with the next build).",
  },
  {
    name: "build.pre_cmd",
    type: "strings",
    default: [],
    becomes: "hooks.before_build",
    here: "The same: before each build, one after the other; the first that fails ends the list, is told, and the build goes on, unless `stop_on_error = true`.",
    perSystem: true,
  },
  {
    name: "build.cmd",
    type: "string",
    default: "go build -o ./tmp/main .",
    becomes: "build.cmd",
    here: "The same, through the shell and untouched. On Windows the shell is `cmd`, not PowerShell. One build at a time: a change cancels the one that runs, where air starts a second beside it. A build that fails leaves the process alone.",
    perSystem: true,
  },
  {
    name: "build.post_cmd",
    type: "strings",
    default: [],
    becomes: "hooks.at_end",
    here: "Once, at the end, one after the other up to the first that fails, which is one line and never an exit code. It runs before the program is ended, as in air; what `reload init` makes of it runs after that.",
    perSystem: true,
  },
  {
    name: "build.bin",
    type: "string",
    default: "./tmp/main",
    becomes: "proc.cmd",
    here: "The same: through the shell, with `args_bin` after it; the longest leading part that `cmd` builds (`-o`) or that is a file is the program, blanks in it included; a bare name is one in the working directory. Empty: the default.",
    perSystem: true,
  },
  {
    name: "build.entrypoint",
    type: "command words",
    becomes: "proc.cmd",
    here: 'The same program, but a list is run as it is: no shell takes its words apart again, so `"a b"` stays one argument and `"$HOME"` stays as it is written.',
    perSystem: true,
  },
  {
    name: "build.full_bin",
    type: "string",
    default: "",
    becomes: "proc.cmd",
    here: "The same: a command for the shell that wins over `bin` and `entrypoint`. Empty: not set.",
    perSystem: true,
  },
  {
    name: "build.args_bin",
    type: "strings",
    default: [],
    becomes: "proc.args",
    here: "The same: put after the program and read by the shell, so that `$NAME` works. Words after `--` on the command line come last and arrive unchanged (air lets the shell take them apart).",
    perSystem: true,
  },
  {
    name: "build.log",
    type: "string",
    default: "build-errors.log",
    here: "No counterpart: air writes only the exit status there. The output of a build is on the terminal.",
    isCosmetic: true,
  },
  {
    name: "build.include_ext",
    type: "strings",
    default: ["go", "tpl", "tmpl", "html"],
    becomes: "watch.include_files",
    here: 'The same; `"*"` is every file.',
  },
  {
    name: "build.include_dir",
    type: "strings",
    default: [],
    becomes: "watch.include_dirs",
    here: "The same: only these, by their path from `root`; one that does not exist is passed over.",
  },
  {
    name: "build.exclude_dir",
    type: "strings",
    default: ["assets", "tmp", "vendor", "testdata"],
    becomes: "watch.exclude_dirs",
    here: "The same: by their exact path from `root`. Hidden directories (`.cache`, `.idea`) are left out, as in air. The built-in ignores (`node_modules` at any depth, …) apply besides.",
  },
  {
    name: "build.include_file",
    type: "strings",
    default: [],
    becomes: "watch.include_files",
    here: "The same: exact paths from `root`, whatever their extension.",
  },
  {
    name: "build.exclude_file",
    type: "strings",
    default: [],
    becomes: "watch.exclude_files",
    here: "The same: globs on the path from `root`, where `*` does not cross a `/`. A leading `./` does not matter (in air such a pattern matches nothing).",
  },
  {
    name: "build.exclude_regex",
    type: "strings",
    default: ["_test.go"],
    becomes: "watch.exclude_regex",
    here: "JavaScript's regular expressions: what is RE2's alone is translated, and where there is no way to say it is an error that says what to write. They see the path from `root`, not the absolute path, so that the name of a directory above the project cannot switch everything off.",
  },
  {
    name: "build.exclude_unchanged",
    type: "boolean",
    default: false,
    becomes: "watch.ignore_unchanged",
    here: "The same.",
  },
  {
    name: "build.ignore_dangerous_root_dir",
    type: "boolean",
    default: false,
    here: "The same: without it, a `root` that is `/`, the home directory or `/root` is refused.",
    isCosmetic: true,
  },
  {
    name: "build.follow_symlink",
    type: "boolean",
    default: false,
    becomes: "watch.follow_symlinks",
    here: "The same, and by itself (air also wants `exclude_unchanged`), at any depth.",
  },
  {
    name: "build.poll",
    type: "boolean",
    default: false,
    becomes: "watch.poll",
    here: 'The same; `false` becomes `"auto"`: polling where events cannot work.',
  },
  {
    name: "build.poll_interval",
    type: "milliseconds",
    default: 0,
    becomes: "watch.poll",
    here: "The same: at least 500 ms, and only with `poll = true`.",
  },
  {
    name: "build.delay",
    type: "milliseconds",
    default: 1000,
    becomes: "watch.debounce",
    here: '`1000`, which air writes into every file, means `"auto"`: some 5 to 60 ms. Other values hold, also `0` (which air takes for its default).',
  },
  {
    name: "build.stop_on_error",
    type: "boolean",
    default: false,
    becomes: "build.on_fail",
    here: "`true`: a build that fails ends the process, as in air. `false`: the process is left alone; air ends it and starts the old program again.",
  },
  {
    name: "build.send_interrupt",
    type: "boolean",
    default: false,
    becomes: "proc.stop_signal",
    here: "`true`: SIGINT, as in air. `false`: SIGTERM and 500 ms, where air kills at once.",
  },
  {
    name: "build.kill_delay",
    type: "duration",
    default: "0s",
    becomes: "proc.stop_timeout",
    here: "With `send_interrupt = true` and above 0: the same, integers are milliseconds (from 1,000,000 on nanoseconds, as in air). Otherwise 500 ms. It holds for as long as it says (air gives up after 5 s).",
  },
  {
    name: "build.rerun",
    type: "boolean",
    default: false,
    becomes: "proc.on_exit",
    here: "`true`: a process that ends is started again, with a pause of 0.5 s that doubles up to 8 s.",
  },
  {
    name: "build.rerun_delay",
    type: "milliseconds",
    default: 500,
    here: "No counterpart: the pause grows by itself, so that a crash loop stays readable.",
  },
  {
    name: "build.rules",
    type: "list of tables",
    becomes: "rule",
    here: 'A rule each, with `do = "ignore"` and `at_start = false`: what matches runs `cmd`, and is not built; a failure is said and stops nothing. The first that matches decides, before anything that is left out. `delay` has no counterpart: the quiet time is that of `build.delay`.',
  },
  { name: "log.time", type: "boolean", default: false, becomes: "log.time", here: "The same." },
  {
    name: "log.main_only",
    type: "boolean",
    default: false,
    here: 'No counterpart: `reload` prints one line per thing that happened; `[log] level = "warn"` prints less.',
  },
  {
    name: "log.silent",
    type: "boolean",
    default: false,
    becomes: "log.level",
    here: '`true` becomes `"silent"`.',
  },
  {
    name: "color.mode",
    type: "string",
    here: "No counterpart: `--color`, `FORCE_COLOR`, `NO_COLOR`.",
    isCosmetic: true,
  },
  { name: "color.main", type: "string", default: "magenta", here: "No counterpart.", isCosmetic: true },
  { name: "color.watcher", type: "string", default: "cyan", here: "No counterpart.", isCosmetic: true },
  { name: "color.build", type: "string", default: "yellow", here: "No counterpart.", isCosmetic: true },
  { name: "color.runner", type: "string", default: "green", here: "No counterpart.", isCosmetic: true },
  {
    name: "color.app",
    type: "string",
    here: "No counterpart (air reads it and does nothing with it).",
    isCosmetic: true,
  },
  {
    name: "misc.clean_on_exit",
    type: "boolean",
    default: false,
    becomes: "clean_on_exit",
    here: "The same, but only a directory that `reload` itself made is removed.",
  },
  { name: "misc.startup_banner", type: "string", here: "No counterpart: there is no banner.", isCosmetic: true },
  {
    name: "screen.clear_on_rebuild",
    type: "boolean",
    default: false,
    becomes: "ui.clear",
    here: "The same, on a terminal only.",
  },
  {
    name: "screen.keep_scroll",
    type: "boolean",
    default: true,
    here: "No counterpart: what was scrolled away is kept.",
    isCosmetic: true,
  },
  {
    name: "proxy.enabled",
    type: "boolean",
    default: false,
    becomes: "proxy.listen",
    here: "The same: there is a proxy. In a container it is open on all addresses, as air's is everywhere.",
  },
  {
    name: "proxy.proxy_port",
    type: "integer",
    default: 0,
    becomes: "proxy.listen",
    here: "The same, on 127.0.0.1; 0 is `auto`.",
  },
  {
    name: "proxy.app_port",
    type: "integer",
    default: 0,
    becomes: "proxy.target",
    here: "The same; 0: whatever port the program listens on.",
  },
  {
    name: "proxy.app_start_timeout",
    type: "milliseconds",
    default: 5000,
    becomes: "proxy.hold",
    here: "How long a request waits for a run; where it is not set, 30 s.",
  },
];

/** For a name of air's in a `.reload.toml`: what it is called here. */
export function airKeyHint(name: string): string | undefined {
  const leaf = lastPart(name);
  const known = airKeys.find((key) => key.name === name || lastPart(key.name) === leaf);
  return known === undefined ? undefined : `a key of air: ${counterpart(known)}`;
}

/** For a misspelt one. */
export function nearAirKeyHint(name: string): string | undefined {
  const leaves = airKeys.map((key) => lastPart(key.name));
  const near = nearest(lastPart(name), leaves);
  const known = airKeys.find((key) => lastPart(key.name) === near);
  if (known === undefined) return undefined;
  const here = counterpart(known);
  return `did you mean ${near}, a key of air? ${here.charAt(0).toUpperCase()}${here.slice(1)}`;
}

const counterpart = ({ becomes }: AirKey): string =>
  becomes === undefined ? "it has no counterpart here" : `here it is ${becomes}`;

const lastPart = (name: string): string => name.slice(name.lastIndexOf(".") + 1);
