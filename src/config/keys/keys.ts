/**
 * Every key of the configuration, once: its kind, its default, what it means, and what a change of it touches.
 * The type `Config`, the decoder, `schema.json`, `docs/config.md` and the comments that `reload init` writes all come from this table.
 */
import {
  autoOr,
  bool,
  boolOrDuration,
  choice,
  durationKind,
  includes,
  type Kind,
  limit,
  path,
  paths,
  patterns,
  regexes,
  regexp,
  strings,
  variables,
} from "./kinds.ts";
import { listenPlace, socketPlaces, targetPlace } from "./network-kinds.ts";
import { address, command, commands, signal, urlOrPath } from "./process-kinds.ts";
import { rules } from "./rule-kinds.ts";

/**
 * What has to be done for a new value to count: aim the watcher anew, restart the process, build and restart.
 * Nothing of it: the value is asked for when it is needed next.
 */
export type Touch = "watch" | "restart" | "rebuild" | "rules";

/** A key. `V` is what its value is decoded to, `undefined` where there need be none. */
export interface Key<V> {
  readonly kind: Kind<V>;
  /** As it would be written in the file; absent: there is none. */
  readonly default?: unknown;
  /** One or two sentences, in Markdown. */
  readonly means: string;
  readonly touches: readonly Touch[];
}

function key<V>(kind: Kind<V>, defaultValue: unknown, touches: readonly Touch[], means: string): Key<V> {
  return { kind, default: defaultValue, touches, means };
}

function optional<V>(kind: Kind<V>, touches: readonly Touch[], means: string): Key<V | undefined> {
  return { kind, touches, means };
}

export const table = {
  root: key(
    path,
    ".",
    ["watch", "rebuild"],
    "Working directory of every command and base of every pattern, relative to the directory of the file (to the parent of `.config/`).",
  ),
  tmp_dir: key(
    path,
    "tmp",
    ["watch", "rebuild"],
    "Where builds put their output: never watched, made when a build runs. It cannot be `root` or above it.",
  ),
  clean_on_exit: key(bool, false, [], "Remove `tmp_dir` at the end, if `reload` made it."),
  env_files: key(
    paths,
    [],
    ["restart"],
    "dotenv files for the build and the process. `[proc] env` wins over the inherited environment, that over a later file, that over an earlier one. A missing file is noted once and waited for; an edited one restarts.",
  ),
  watch: {
    include_dirs: key(
      paths,
      ["."],
      ["watch"],
      "The directories to watch; patterns (`packages/*`, `src/**/*.ts`) are read as well. One may lie outside `root`: patterns then apply relative to it.",
    ),
    include_files: key(
      includes,
      [],
      ["watch"],
      'The files that count; `[]` is all of them. `".go"`: every name that ends so. `"go.mod"`: a name at any depth. `"*.html"`: a glob at any depth. `"web/**/*.html"`: a glob with a `/` starts at `root`. `"!…"` takes back. The last match wins.',
    ),
    exclude_dirs: key(
      patterns,
      [],
      ["watch"],
      'Directories that are never entered: gitignore patterns, added to the built-in ones; also as `dist/**`, `./dist`, an absolute path, `~/…`, with braces. `"!…"` takes back.',
    ),
    exclude_files: key(
      patterns,
      [],
      ["watch"],
      'Files that do not count: gitignore patterns, added to the built-in ones. `"!…"` takes back.',
    ),
    exclude_regex: key(
      regexes,
      [],
      ["watch"],
      "JavaScript regular expressions on the path relative to `root`, with `/` between its parts.",
    ),
    gitignore: key(
      bool,
      true,
      ["watch"],
      'Honour `.gitignore` (nested, and of the directories above up to the top of the repository), `.git/info/exclude` and `.reloadignore`. What is named outright wins over them: `-w`, `include_dirs`, `env_files`, and what an entry of `include_files` says beyond a bare ending (`"gen/**"`, `"*.pb.go"`). Of the built-in ignores such a pattern brings back what its last part says (`"*.log"`), but never the litter of editors and operating systems.',
    ),
    follow_symlinks: key(bool, false, ["watch"], "Watch what symbolic links to directories lead to."),
    ignore_unchanged: key(bool, true, ["watch"], "A file whose bytes did not change does not count as changed."),
    debounce: key(
      autoOr(durationKind),
      "auto",
      [],
      "Quiet time before acting. `auto`: about 5 ms for a lone change, about 60 ms once more paths join, and while git is at work until it has finished (10 s at most).",
    ),
    max_wait: key(
      durationKind,
      "2s",
      [],
      "A writer that never rests still gets a run this often; a build that has waited for longer is finished, not cancelled.",
    ),
    poll: key(
      autoOr(boolOrDuration),
      "auto",
      ["watch"],
      "Look for changes in intervals instead of being told. `auto`: only where being told cannot work (network file systems, out of watches). There is one watcher: what a service says here holds for all, in the shortest interval.",
    ),
    backend: key(
      choice("auto", "native", "chokidar"),
      "auto",
      ["watch"],
      "Where hints of changes come from; for trouble-shooting. What a service says here holds for all.",
    ),
    matcher: optional(path, ["watch"], "A JavaScript module of your own that judges paths, relative to `root`."),
  },
  build: {
    cmd: optional(command, ["rebuild"], "What builds; none: nothing to build."),
    env: key(variables, {}, ["rebuild"], "Variables for the build."),
    timeout: optional(limit, [], "A build that takes longer is ended and has failed; `0` means no limit."),
    on_change: key(
      choice("restart", "finish"),
      "restart",
      [],
      'A change during a build cancels it and builds again (`"restart"`), or waits for its end (`"finish"`).',
    ),
    on_fail: key(choice("keep", "stop"), "keep", [], "What becomes of the running process when a build fails."),
  },
  proc: {
    cmd: optional(command, ["restart"], "What runs; none: only the build does."),
    args: key(strings, [], ["restart"], "Words after `cmd`, passed as they are."),
    env: key(variables, {}, ["restart"], "Variables for the process."),
    cwd: optional(path, ["restart"], "Its working directory, relative to `root`; none: `root`."),
    stop_signal: key(signal, "SIGTERM", [], "The signal that asks it to end (not on Windows)."),
    stop_timeout: key(
      durationKind,
      "5s",
      [],
      'How long it may take to end; what is left of its tree is then killed. `"0s"` kills at once.',
    ),
    sweep: key(bool, true, [], "End what left its process group as well; each process is named."),
    on_exit: key(
      choice("wait", "restart", "restart-on-failure", "quit"),
      "wait",
      [],
      "When it ends by itself: wait for a change, restart it (with a pause of 0.5 s that doubles up to 8 s; `restart-on-failure` only where it did not end with 0), or quit with its code.",
    ),
    on_change: key(
      choice("restart", "finish"),
      "restart",
      [],
      'A change stops it and starts it again (`"restart"`), or waits for it to end by itself (`"finish"`: a test run, a long task).',
    ),
    swap: key(
      choice("stop-first", "start-first"),
      "stop-first",
      [],
      "`start-first`: the new process starts beside the old one and takes over when it is ready; if it never is, the old one stays. For a process that gets a port for each run (`target` of `[proxy]` is `auto`), listens on `[sockets]`, or on no port.",
    ),
    warm: key(
      bool,
      false,
      [],
      "The next run is started in advance and held before its first own line, with the packages that the last run used already loaded; a restart lets it in (Node and Python, see `docs/warm.md`; whatever cannot be kept warm starts cold, and says why).",
    ),
    keep_old: key(
      durationKind,
      "5s",
      [],
      'With `swap = "start-first"` behind a proxy: for so long after the new run is ready the old one is kept, without traffic. If the new one ends by itself in that time, the old one serves again at once. `"0s"`: off.',
    ),
    stdin: key(
      autoOr(bool),
      "auto",
      ["restart"],
      "`auto`: a terminal drives `reload`'s keys, anything else (a pipe) goes to the process; without input it has a pipe that never ends. `true`: always to the process, which may then open `/dev/tty`; keys off. `false`: `/dev/null`.",
    ),
  },
  ready: {
    tcp: optional(
      address,
      ["restart"],
      'Ready when this port accepts a connection; `"auto"`: the `PORT` of the process.',
    ),
    http: optional(
      urlOrPath,
      ["restart"],
      'Ready when this URL answers with a success or a redirect; `"/path"`: at the `PORT` of the process.',
    ),
    log: optional(regexp, ["restart"], "Ready when a line of its output matches this regular expression."),
    exec: optional(command, ["restart"], "Ready when this command succeeds."),
    timeout: key(
      durationKind,
      "30s",
      ["restart"],
      "Not ready by then: marked as failed and left running; a later success mends it.",
    ),
  },
  proxy: {
    listen: key(
      listenPlace,
      "auto",
      ["restart"],
      'The address to open in the browser; loopback unless a host is given. `"auto"`: a port of 3001 to 3999 that belongs to this checkout, the next free one if it is taken; with `target = "auto"` an inherited `PORT` comes before that. There is a proxy as soon as one key of `[proxy]` is set.',
    ),
    target: optional(
      targetPlace,
      ["restart"],
      'Where the program listens, on this machine. `"auto"`: a free port for each run, given to it as `PORT`. None: `PORT` is set, and whatever port the run then listens on is followed, and said.',
    ),
    live_reload: key(
      bool,
      true,
      ["watch"],
      "Load pages again when a new run is ready, and show what failed over them. Changed style sheets (`.css`) and images that no entry of `include_files` names are taken over by pages without a restart; a program that embeds them names them there.",
    ),
    hold: key(durationKind, "30s", [], "How long a request waits for a run that is being built or started."),
    drain: key(
      durationKind,
      "30s",
      [],
      'With `swap = "start-first"`: how long requests in flight may take on the old run, until the next start at most; else it is `stop_timeout`.',
    ),
    allowed_hosts: key(
      strings,
      [],
      [],
      "Host names that may be asked for, beyond `localhost`, `*.localhost` and IP addresses; `.example.test` with all below it.",
    ),
  },
  sockets: {
    listen: key(
      socketPlaces,
      [],
      ["restart"],
      'Ports, `"host:port"` and paths of Unix sockets that `reload` opens once and hands to every run from descriptor 3 on, as `LISTEN_FDS` and `LISTEN_FDNAMES` (systemd\'s protocol): connections wait in the kernel during a restart. A port without a host is on 127.0.0.1. `LISTEN_PID` is set where the command is a list, or a string without shell operators. Not on Windows.',
    ),
  },
  rule: key(
    rules,
    [],
    ["watch", "rebuild"],
    "What a change of certain files does, as `[[rule]]`: `match`, `do`, `signal`, `run`, `schema`, `name`, `at_start`.",
  ),
  hooks: {
    before_build: key(commands, [], ["rebuild"], "Commands before each build, also where there is none."),
    after_build: key(commands, [], ["rebuild"], "Commands after each build, also where there is none."),
    after_ready: key(commands, [], [], "Commands once a run is ready; nothing waits for them."),
    after_fail: key(
      commands,
      [],
      [],
      "Commands when something has failed: `RELOAD_STAGE` says what, `RELOAD_ERROR` in words (`build failed (code 1)`), with the last lines that it printed below.",
    ),
    at_end: key(commands, [], [], "Commands at the end, once, after everything has stopped."),
  },
  ui: {
    clear: key(bool, false, [], "Clear the screen before each build."),
    keys: key(bool, true, [], "Keys on the terminal: `r` restarts, `b` builds, `q` quits, `?` names them all."),
    notify: key(
      bool,
      false,
      [],
      "Tell the desktop when something has failed, and when it works again (`notify-send`; on macOS as it is).",
    ),
  },
  log: {
    keep: key(
      bool,
      false,
      ["restart"],
      "Keep what runs print for `reload logs` in a terminal as well: it is then read, with colours asked for.",
    ),
    level: key(choice("debug", "info", "warn", "error", "silent"), "info", [], "What `reload` itself prints."),
    time: key(bool, false, [], "Print the time of day before each line."),
  },
} as const satisfies Table;

/** Keys at the top, and sections of keys. */
type Table = {
  readonly [name: string]: Key<never> | Key<unknown> | { readonly [name: string]: Key<never> | Key<unknown> };
};

type ConfigOf<T> = {
  readonly [Name in keyof T]: T[Name] extends Key<infer V> ? V : ConfigOf<T[Name]>;
};

/** What is in force, decoded: durations are milliseconds, everything has a value or is `undefined`. */
export type Config = ConfigOf<typeof table>;

/** A key with its place in the table. */
export interface NamedKey extends Key<unknown> {
  /** `watch.debounce`, `root` */
  readonly name: string;
  /** `""` at the top. */
  readonly section: string;
  readonly leaf: string;
}

const isKey = (entry: object): entry is Key<unknown> => "kind" in entry && "means" in entry;

/** In place of the table of this name. */
const watchSwitch: NamedKey = {
  name: "watch",
  section: "",
  leaf: "watch",
  kind: {
    name: "`false`",
    schema: { const: false },
    decode(value) {
      if (value === false) return { ok: true, value };
      const message = "watch is a table of keys, or false: then nothing is watched";
      return { ok: false, faults: [{ path: [], message }] };
    },
  },
  means:
    "In place of the table: nothing is watched, it only runs (a service that reloads itself, a database that serves the others).",
  touches: ["watch"],
};

/** It stands beside the decoded keys: what is in force is not in `Config`. */
export const isApart = ({ section, leaf }: NamedKey): boolean =>
  section === "" && (leaf === watchSwitch.leaf || leaf === "after");

let flat: ReadonlyMap<string, NamedKey> | undefined;

/** All keys by name, in the order of the table; those that come later included. */
export function allKeys(): ReadonlyMap<string, NamedKey> {
  flat ??= new Map(
    Object.entries(table).flatMap(([section, entry]): [string, NamedKey][] => {
      if (isKey(entry)) return [[section, { ...entry, name: section, section: "", leaf: section }]];
      const inside = Object.entries<Key<unknown>>(entry).map(([leaf, inner]): [string, NamedKey] => {
        const name = `${section}.${leaf}`;
        return [name, { ...inner, name, section, leaf }];
      });
      return section === watchSwitch.leaf ? [[watchSwitch.name, watchSwitch], ...inside] : inside;
    }),
  );
  return flat;
}

/** The names of the sections, `""` (the top) aside. */
export const sections = (): readonly string[] =>
  [...new Set([...allKeys().values()].map(({ section }) => section))].filter((name) => name !== "");

/** `RELOAD_WATCH_DEBOUNCE` for `watch.debounce`, `RELOAD_SERVICE_MY_API_ROOT` for `service.my-api.root`. */
export const variableOf = (name: string): string => `RELOAD_${name.toUpperCase().replaceAll(/[.-]/g, "_")}`;
