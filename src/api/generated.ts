/** The types of events and of the configuration: written by npm run generate, from the tables of events and keys. */

/** One event, as `reload --json` writes it (docs/events.md). */
export type ReloadEvent =
  /** `reload` has read its configuration and begins */
  | {
      readonly event: "opened";
      readonly time: string;
      readonly version: string;
      readonly root: string;
      readonly config: string | null;
      readonly remarks: readonly string[];
    }
  /** the first scan is complete */
  | {
      readonly event: "watching";
      readonly time: string;
      readonly source: string;
      readonly directories: number;
      readonly files: number;
      readonly ms: number;
    }
  /** paths changed that ask for something */
  | {
      readonly event: "changed";
      readonly time: string;
      readonly paths: readonly string[];
      readonly verdict: "refresh" | "signal" | "restart" | "rebuild";
      readonly services?: readonly string[];
    }
  /** files were written again with the same bytes */
  | {
      readonly event: "unchanged";
      readonly time: string;
      readonly paths: readonly string[];
    }
  /** a build begins; `paths`: what it is for */
  | {
      readonly event: "build-started";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly build: number;
      readonly paths: readonly string[];
    }
  /** a build is given up for a newer change, or at the end */
  | {
      readonly event: "build-cancelled";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly build: number;
      readonly force: boolean;
    }
  /** a build has ended, with all that it started */
  | {
      readonly event: "build-ended";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly build: number;
      readonly result: "ok" | "failed" | "timedOut" | "cancelled";
      readonly ms: number;
      readonly code?: number;
      readonly signal?: string;
      readonly error?: string;
    }
  /** a check, a rule or a hook begins; `kind` says which */
  | {
      readonly event: "job-started";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly kind: string;
      readonly paths: readonly string[];
    }
  /** a check, a rule or a hook is given up */
  | {
      readonly event: "job-cancelled";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly kind: string;
      readonly force: boolean;
    }
  /** a check, a rule or a hook has ended, with all that it started; `held`: a check has found `paths` wrong, each told by a `problem` before */
  | {
      readonly event: "job-ended";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly kind: string;
      readonly result: "ok" | "failed" | "timedOut" | "cancelled" | "held";
      readonly paths?: readonly string[];
      readonly ms: number;
      readonly code?: number;
      readonly signal?: string;
      readonly error?: string;
    }
  /** a rule has told the run to read again what it reads; `paths`: what changed */
  | {
      readonly event: "signalled";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly signals: readonly string[];
      readonly paths: readonly string[];
    }
  /** pages are to load again, or to take over what changed */
  | {
      readonly event: "refresh";
      readonly time: string;
      readonly paths: readonly string[];
      readonly service?: string;
    }
  /** these change with every build, start or rule, as if it wrote them; `ignored`: they call for nothing any more; `circle`: by these, which start each other */
  | {
      readonly event: "loop";
      readonly time: string;
      readonly paths: readonly string[];
      readonly ignored: boolean;
      readonly circle?: readonly string[];
      readonly service?: string;
    }
  /** a start waits for services that have failed; it comes when they work */
  | {
      readonly event: "service-waiting";
      readonly time: string;
      readonly service: string;
      readonly after: readonly string[];
    }
  /** a run is ordered; `paths`: what changed since the last one */
  | {
      readonly event: "run-starting";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly paths: readonly string[];
    }
  /** its process exists */
  | {
      readonly event: "run-started";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly pid: number;
    }
  /** with `[proc] warm`: whether a run had been started in advance, and what that saved, or why it had not */
  | {
      readonly event: "run-warmth";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly warm: boolean;
      readonly savedMs?: number;
      readonly reason?: string;
    }
  /** it answers, or has stayed alive; `ms` since it was ordered */
  | {
      readonly event: "run-ready";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly ms: number;
    }
  /** it was not ready within `[ready] timeout` */
  | {
      readonly event: "run-late";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly ms: number;
      readonly reason?: string;
    }
  /** why it is not ready yet, where that is known */
  | {
      readonly event: "run-waiting";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly reason: string;
    }
  /** its process has ended */
  | {
      readonly event: "run-exited";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly ms: number;
      readonly code?: number;
      readonly signal?: string;
      readonly error?: string;
      readonly reason?: string;
    }
  /** what lives on of a run that ended by itself */
  | {
      readonly event: "left-behind";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly processes: readonly {
        readonly pid: number;
        readonly command: string;
      }[];
    }
  /** it is asked to end; `force`: at once */
  | {
      readonly event: "run-stopping";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly force: boolean;
    }
  /** it has been waited for a second */
  | {
      readonly event: "stop-waiting";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly pid: number;
      readonly signal: string;
      readonly leftMs: number;
    }
  /** requests that the run answers through the proxy have been waited for a second before it is asked to end; `oldest`: the one of them that came first */
  | {
      readonly event: "drain-waiting";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
      readonly requests: number;
      readonly oldest: string;
      readonly leftMs: number;
    }
  /** it did not end in time */
  | {
      readonly event: "killed";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly pid: number;
      readonly signal: string;
      readonly afterMs: number;
    }
  /** what had left its group, or was left by a `reload` that was killed, was ended */
  | {
      readonly event: "swept";
      readonly time: string;
      readonly job?: string;
      readonly service?: string;
      readonly processes: readonly {
        readonly pid: number;
        readonly command: string;
      }[];
    }
  /** nothing of it is left */
  | {
      readonly event: "run-gone";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly run: number;
    }
  /** what a job printed; `text` may be part of a line */
  | {
      readonly event: "output";
      readonly time: string;
      readonly job: string;
      readonly service?: string;
      readonly from: "check" | "rule" | "hook" | "build" | "run";
      readonly number: number;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  /** a warning or an error, with its place where it has one; `code` says of what kind */
  | {
      readonly event: "problem";
      readonly time: string;
      readonly code: string;
      readonly severity: "error" | "warning";
      readonly message: string;
      readonly file: string | null;
      readonly line: number | null;
      readonly column: number | null;
      readonly origin: string | null;
      readonly hint: string | null;
    }
  /** an edit of the configuration; `version` is the one in force */
  | {
      readonly event: "config";
      readonly time: string;
      readonly result: "applied" | "refused" | "gone" | "restored";
      readonly version: number;
      readonly keys: readonly string[];
      readonly summary: string;
    }
  /** something to know */
  | {
      readonly event: "message";
      readonly time: string;
      readonly text: string;
    }
  /** somebody wants the end */
  | {
      readonly event: "quit-asked";
      readonly time: string;
      readonly code: number;
    }
  /** the last event: the exit code */
  | {
      readonly event: "exit";
      readonly time: string;
      readonly code: number;
    };

/** The configuration, with keys as in `.reload.toml` (docs/config.md). */
export interface ReloadConfig {
  /** Working directory of every command and base of every pattern, relative to the directory of the file (to the parent of .config/). */
  readonly root?: string;
  /** Where builds put their output: never watched, made when a build runs. It cannot be root or above it. */
  readonly tmp_dir?: string;
  /** Remove tmp_dir at the end, if reload made it. */
  readonly clean_on_exit?: boolean;
  /** dotenv files for the build and the process. [proc] env wins over the inherited environment, that over a later file, that over an earlier one. A missing file is noted once and waited for; an edited one restarts. */
  readonly env_files?: readonly string[];
  readonly watch?:
    | {
        /** The directories to watch; patterns (packages/*, src/**\/*.ts) are read as well. One may lie outside root: patterns then apply relative to it. */
        readonly include_dirs?: readonly string[];
        /** The files that count; [] is all of them. ".go": every name that ends so. "go.mod": a name at any depth. "*.html": a glob at any depth. "web/**\/*.html": a glob with a / starts at root. "!…" takes back. The last match wins. */
        readonly include_files?: readonly string[];
        /** Directories that are never entered: gitignore patterns, added to the built-in ones; also as dist/**, ./dist, an absolute path, ~/…, with braces. "!…" takes back. */
        readonly exclude_dirs?: readonly string[];
        /** Files that do not count: gitignore patterns, added to the built-in ones. "!…" takes back. */
        readonly exclude_files?: readonly string[];
        /** JavaScript regular expressions on the path relative to root, with / between its parts. */
        readonly exclude_regex?: readonly string[];
        /** Honour .gitignore (nested, and of the directories above up to the top of the repository), .git/info/exclude and .reloadignore. What is named outright wins over them: -w, include_dirs, env_files, and what an entry of include_files says beyond a bare ending ("gen/**", "*.pb.go"). Of the built-in ignores such a pattern brings back what its last part says ("*.log"), but never the litter of editors and operating systems. */
        readonly gitignore?: boolean;
        /** Watch what symbolic links to directories lead to. */
        readonly follow_symlinks?: boolean;
        /** A file whose bytes did not change does not count as changed. */
        readonly ignore_unchanged?: boolean;
        /** Quiet time before acting. auto: about 5 ms for a lone change, about 60 ms once more paths join, and while git is at work until it has finished (10 s at most). */
        readonly debounce?: "auto" | number | string;
        /** A writer that never rests still gets a run this often; a build that has waited for longer is finished, not cancelled. */
        readonly max_wait?: number | string;
        /** Look for changes in intervals instead of being told. auto: only where being told cannot work (network file systems, out of watches). There is one watcher: what a service says here holds for all, in the shortest interval. */
        readonly poll?: "auto" | boolean | number | string;
        /** Where hints of changes come from; for trouble-shooting. What a service says here holds for all. */
        readonly backend?: "auto" | "native" | "chokidar";
        /** A JavaScript module of your own that judges paths, relative to root. */
        readonly matcher?: string;
      }
    | false;
  /** What a change of certain files does, as [[rule]]: match, do, signal, run, schema, name, at_start. */
  readonly rule?: readonly {
    readonly match: string | readonly string[];
    readonly do?: "ignore" | "refresh" | "signal" | "restart" | "rebuild";
    readonly signal?: string;
    readonly run?: string | readonly (string | readonly string[])[];
    readonly name?: string;
    readonly at_start?: boolean;
    readonly schema?: string;
  }[];
  readonly build?: {
    /** What builds; none: nothing to build. */
    readonly cmd?: string | readonly string[];
    /** Variables for the build. */
    readonly env?: Readonly<Record<string, string | number | boolean>>;
    /** A build that takes longer is ended and has failed; 0 means no limit. */
    readonly timeout?: number | string;
    /** A change during a build cancels it and builds again ("restart"), or waits for its end ("finish"). */
    readonly on_change?: "restart" | "finish";
    /** What becomes of the running process when a build fails. */
    readonly on_fail?: "keep" | "stop";
  };
  readonly proc?: {
    /** What runs; none: only the build does. */
    readonly cmd?: string | readonly string[];
    /** Words after cmd, passed as they are. */
    readonly args?: readonly string[];
    /** Variables for the process. */
    readonly env?: Readonly<Record<string, string | number | boolean>>;
    /** Its working directory, relative to root; none: root. */
    readonly cwd?: string;
    /** The signal that asks it to end (not on Windows). */
    readonly stop_signal?: string;
    /** How long it may take to end; what is left of its tree is then killed. "0s" kills at once. */
    readonly stop_timeout?: number | string;
    /** End what left its process group as well; each process is named. */
    readonly sweep?: boolean;
    /** When it ends by itself: wait for a change, restart it (with a pause of 0.5 s that doubles up to 8 s; restart-on-failure only where it did not end with 0), or quit with its code. */
    readonly on_exit?: "wait" | "restart" | "restart-on-failure" | "quit";
    /** A change stops it and starts it again ("restart"), or waits for it to end by itself ("finish": a test run, a long task). */
    readonly on_change?: "restart" | "finish";
    /** start-first: the new process starts beside the old one and takes over when it is ready; if it never is, the old one stays. For a process that gets a port for each run (target of [proxy] is auto), listens on [sockets], or on no port. */
    readonly swap?: "stop-first" | "start-first";
    /** The next run is started in advance and held before its first own line, with the packages that the last run used already loaded; a restart lets it in (Node and Python, see docs/warm.md; whatever cannot be kept warm starts cold, and says why). */
    readonly warm?: boolean;
    /** With swap = "start-first" behind a proxy: for so long after the new run is ready the old one is kept, without traffic. If the new one ends by itself in that time, the old one serves again at once. "0s": off. */
    readonly keep_old?: number | string;
    /** auto: a terminal drives reload's keys, anything else (a pipe) goes to the process; without input it has a pipe that never ends. true: always to the process, which may then open /dev/tty; keys off. false: /dev/null. */
    readonly stdin?: "auto" | boolean;
  };
  readonly ready?: {
    /** Ready when this port accepts a connection; "auto": the PORT of the process. */
    readonly tcp?: "auto" | number | string;
    /** Ready when this URL answers with a success or a redirect; "/path": at the PORT of the process. */
    readonly http?: string;
    /** Ready when a line of its output matches this regular expression. */
    readonly log?: string;
    /** Ready when this command succeeds. */
    readonly exec?: string | readonly string[];
    /** Not ready by then: marked as failed and left running; a later success mends it. */
    readonly timeout?: number | string;
  };
  readonly proxy?: {
    /** The address to open in the browser; loopback unless a host is given. "auto": a port of 3001 to 3999 that belongs to this checkout, the next free one if it is taken; with target = "auto" an inherited PORT comes before that. There is a proxy as soon as one key of [proxy] is set. */
    readonly listen?: "auto" | number | string;
    /** Where the program listens, on this machine. "auto": a free port for each run, given to it as PORT. None: PORT is set, and whatever port the run then listens on is followed, and said. */
    readonly target?: "auto" | number | string;
    /** Load pages again when a new run is ready, and show what failed over them. Changed style sheets (.css) and images that no entry of include_files names are taken over by pages without a restart; a program that embeds them names them there. */
    readonly live_reload?: boolean;
    /** How long a request waits for a run that is being built or started. */
    readonly hold?: number | string;
    /** With swap = "start-first": how long requests in flight may take on the old run, until the next start at most; else it is stop_timeout. */
    readonly drain?: number | string;
    /** Host names that may be asked for, beyond localhost, *.localhost and IP addresses; .example.test with all below it. */
    readonly allowed_hosts?: readonly string[];
  };
  readonly sockets?: {
    /** Ports, "host:port" and paths of Unix sockets that reload opens once and hands to every run from descriptor 3 on, as LISTEN_FDS and LISTEN_FDNAMES (systemd's protocol): connections wait in the kernel during a restart. A port without a host is on 127.0.0.1. LISTEN_PID is set where the command is a list, or a string without shell operators. Not on Windows. */
    readonly listen?: readonly (number | string)[];
  };
  readonly hooks?: {
    /** Commands before each build, also where there is none. */
    readonly before_build?: string | readonly (string | readonly string[])[];
    /** Commands after each build, also where there is none. */
    readonly after_build?: string | readonly (string | readonly string[])[];
    /** Commands once a run is ready; nothing waits for them. */
    readonly after_ready?: string | readonly (string | readonly string[])[];
    /** Commands when something has failed: RELOAD_STAGE says what, RELOAD_ERROR in words (build failed (code 1)), with the last lines that it printed below. */
    readonly after_fail?: string | readonly (string | readonly string[])[];
    /** Commands at the end, once, after everything has stopped. */
    readonly at_end?: string | readonly (string | readonly string[])[];
  };
  readonly ui?: {
    /** Clear the screen before each build. */
    readonly clear?: boolean;
    /** Keys on the terminal: r restarts, b builds, q quits, ? names them all. */
    readonly keys?: boolean;
    /** Tell the desktop when something has failed, and when it works again (notify-send; on macOS as it is). */
    readonly notify?: boolean;
  };
  readonly log?: {
    /** Keep what runs print for reload logs in a terminal as well: it is then read, with colours asked for. */
    readonly keep?: boolean;
    /** What reload itself prints. */
    readonly level?: "debug" | "info" | "warn" | "error" | "silent";
    /** Print the time of day before each line. */
    readonly time?: boolean;
  };
  /** Several programs in one project: [service.NAME]. */
  readonly service?: Readonly<Record<string, ReloadService>>;
}

/** One of several programs, with keys as below `[service.NAME]`. */
interface ReloadService {
  /** Working directory of every command and base of every pattern, relative to the directory of the file (to the parent of .config/). */
  readonly root?: string;
  /** dotenv files for the build and the process. [proc] env wins over the inherited environment, that over a later file, that over an earlier one. A missing file is noted once and waited for; an edited one restarts. */
  readonly env_files?: readonly string[];
  readonly watch?:
    | {
        /** The directories to watch; patterns (packages/*, src/**\/*.ts) are read as well. One may lie outside root: patterns then apply relative to it. */
        readonly include_dirs?: readonly string[];
        /** The files that count; [] is all of them. ".go": every name that ends so. "go.mod": a name at any depth. "*.html": a glob at any depth. "web/**\/*.html": a glob with a / starts at root. "!…" takes back. The last match wins. */
        readonly include_files?: readonly string[];
        /** Directories that are never entered: gitignore patterns, added to the built-in ones; also as dist/**, ./dist, an absolute path, ~/…, with braces. "!…" takes back. */
        readonly exclude_dirs?: readonly string[];
        /** Files that do not count: gitignore patterns, added to the built-in ones. "!…" takes back. */
        readonly exclude_files?: readonly string[];
        /** JavaScript regular expressions on the path relative to root, with / between its parts. */
        readonly exclude_regex?: readonly string[];
        /** Honour .gitignore (nested, and of the directories above up to the top of the repository), .git/info/exclude and .reloadignore. What is named outright wins over them: -w, include_dirs, env_files, and what an entry of include_files says beyond a bare ending ("gen/**", "*.pb.go"). Of the built-in ignores such a pattern brings back what its last part says ("*.log"), but never the litter of editors and operating systems. */
        readonly gitignore?: boolean;
        /** Watch what symbolic links to directories lead to. */
        readonly follow_symlinks?: boolean;
        /** A file whose bytes did not change does not count as changed. */
        readonly ignore_unchanged?: boolean;
        /** Quiet time before acting. auto: about 5 ms for a lone change, about 60 ms once more paths join, and while git is at work until it has finished (10 s at most). */
        readonly debounce?: "auto" | number | string;
        /** A writer that never rests still gets a run this often; a build that has waited for longer is finished, not cancelled. */
        readonly max_wait?: number | string;
        /** Look for changes in intervals instead of being told. auto: only where being told cannot work (network file systems, out of watches). There is one watcher: what a service says here holds for all, in the shortest interval. */
        readonly poll?: "auto" | boolean | number | string;
        /** Where hints of changes come from; for trouble-shooting. What a service says here holds for all. */
        readonly backend?: "auto" | "native" | "chokidar";
        /** A JavaScript module of your own that judges paths, relative to root. */
        readonly matcher?: string;
      }
    | false;
  /** What a change of certain files does, as [[rule]]: match, do, signal, run, schema, name, at_start. */
  readonly rule?: readonly {
    readonly match: string | readonly string[];
    readonly do?: "ignore" | "refresh" | "signal" | "restart" | "rebuild";
    readonly signal?: string;
    readonly run?: string | readonly (string | readonly string[])[];
    readonly name?: string;
    readonly at_start?: boolean;
    readonly schema?: string;
  }[];
  /** Services that have to be ready before this one is started: one that has a check when it is met, another when it has lived for 500 ms or has ended with 0; one without [proc] cmd when its build has passed. */
  readonly after?: readonly string[];
  readonly build?: {
    /** What builds; none: nothing to build. */
    readonly cmd?: string | readonly string[];
    /** Variables for the build. */
    readonly env?: Readonly<Record<string, string | number | boolean>>;
    /** A build that takes longer is ended and has failed; 0 means no limit. */
    readonly timeout?: number | string;
    /** A change during a build cancels it and builds again ("restart"), or waits for its end ("finish"). */
    readonly on_change?: "restart" | "finish";
    /** What becomes of the running process when a build fails. */
    readonly on_fail?: "keep" | "stop";
  };
  readonly proc?: {
    /** What runs; none: only the build does. */
    readonly cmd?: string | readonly string[];
    /** Words after cmd, passed as they are. */
    readonly args?: readonly string[];
    /** Variables for the process. */
    readonly env?: Readonly<Record<string, string | number | boolean>>;
    /** Its working directory, relative to root; none: root. */
    readonly cwd?: string;
    /** The signal that asks it to end (not on Windows). */
    readonly stop_signal?: string;
    /** How long it may take to end; what is left of its tree is then killed. "0s" kills at once. */
    readonly stop_timeout?: number | string;
    /** End what left its process group as well; each process is named. */
    readonly sweep?: boolean;
    /** When it ends by itself: wait for a change, restart it (with a pause of 0.5 s that doubles up to 8 s; restart-on-failure only where it did not end with 0), or quit with its code. */
    readonly on_exit?: "wait" | "restart" | "restart-on-failure" | "quit";
    /** A change stops it and starts it again ("restart"), or waits for it to end by itself ("finish": a test run, a long task). */
    readonly on_change?: "restart" | "finish";
    /** start-first: the new process starts beside the old one and takes over when it is ready; if it never is, the old one stays. For a process that gets a port for each run (target of [proxy] is auto), listens on [sockets], or on no port. */
    readonly swap?: "stop-first" | "start-first";
    /** The next run is started in advance and held before its first own line, with the packages that the last run used already loaded; a restart lets it in (Node and Python, see docs/warm.md; whatever cannot be kept warm starts cold, and says why). */
    readonly warm?: boolean;
    /** With swap = "start-first" behind a proxy: for so long after the new run is ready the old one is kept, without traffic. If the new one ends by itself in that time, the old one serves again at once. "0s": off. */
    readonly keep_old?: number | string;
    /** auto: a terminal drives reload's keys, anything else (a pipe) goes to the process; without input it has a pipe that never ends. true: always to the process, which may then open /dev/tty; keys off. false: /dev/null. */
    readonly stdin?: "auto" | boolean;
  };
  readonly ready?: {
    /** Ready when this port accepts a connection; "auto": the PORT of the process. */
    readonly tcp?: "auto" | number | string;
    /** Ready when this URL answers with a success or a redirect; "/path": at the PORT of the process. */
    readonly http?: string;
    /** Ready when a line of its output matches this regular expression. */
    readonly log?: string;
    /** Ready when this command succeeds. */
    readonly exec?: string | readonly string[];
    /** Not ready by then: marked as failed and left running; a later success mends it. */
    readonly timeout?: number | string;
  };
  readonly proxy?: {
    /** The address to open in the browser; loopback unless a host is given. "auto": a port of 3001 to 3999 that belongs to this checkout, the next free one if it is taken; with target = "auto" an inherited PORT comes before that. There is a proxy as soon as one key of [proxy] is set. */
    readonly listen?: "auto" | number | string;
    /** Where the program listens, on this machine. "auto": a free port for each run, given to it as PORT. None: PORT is set, and whatever port the run then listens on is followed, and said. */
    readonly target?: "auto" | number | string;
    /** Load pages again when a new run is ready, and show what failed over them. Changed style sheets (.css) and images that no entry of include_files names are taken over by pages without a restart; a program that embeds them names them there. */
    readonly live_reload?: boolean;
    /** How long a request waits for a run that is being built or started. */
    readonly hold?: number | string;
    /** With swap = "start-first": how long requests in flight may take on the old run, until the next start at most; else it is stop_timeout. */
    readonly drain?: number | string;
    /** Host names that may be asked for, beyond localhost, *.localhost and IP addresses; .example.test with all below it. */
    readonly allowed_hosts?: readonly string[];
  };
  readonly sockets?: {
    /** Ports, "host:port" and paths of Unix sockets that reload opens once and hands to every run from descriptor 3 on, as LISTEN_FDS and LISTEN_FDNAMES (systemd's protocol): connections wait in the kernel during a restart. A port without a host is on 127.0.0.1. LISTEN_PID is set where the command is a list, or a string without shell operators. Not on Windows. */
    readonly listen?: readonly (number | string)[];
  };
  readonly hooks?: {
    /** Commands before each build, also where there is none. */
    readonly before_build?: string | readonly (string | readonly string[])[];
    /** Commands after each build, also where there is none. */
    readonly after_build?: string | readonly (string | readonly string[])[];
    /** Commands once a run is ready; nothing waits for them. */
    readonly after_ready?: string | readonly (string | readonly string[])[];
    /** Commands when something has failed: RELOAD_STAGE says what, RELOAD_ERROR in words (build failed (code 1)), with the last lines that it printed below. */
    readonly after_fail?: string | readonly (string | readonly string[])[];
  };
}
