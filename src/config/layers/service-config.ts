/** One program of the project: all that holds for it, in the shape of a whole configuration. */
import type { Config } from "../keys/keys.ts";
import type { RuleConfig } from "../keys/rule-kinds.ts";
import type { Effectives } from "./layers.ts";
import type { Scope } from "./scope.ts";

/** How a program is known: by a file of ours, by one of air's, by what lies in the directory, or by COMMAND alone. */
export type ConfigKind = "reload" | "air" | "detected" | "command";

/** Where commands are carried out, and where patterns begin. What services share is the top's, and is one thing for all of them. */
export interface Ground {
  /** The service that it belongs to; `""`: the top, or the only program. */
  readonly owner: string;
  /** Absolute: what every pattern is relative to. */
  readonly root: string;
  /** Absolute: where commands run. `root`, but for air's files, whose commands run in the working directory. */
  readonly commandDirectory: string;
  /** What `env_files` say; the inherited environment and the `env` of the command win over it. */
  readonly fileEnv: Readonly<Record<string, string>>;
}

/** What is said outside of every service. */
export interface Top {
  readonly kind: ConfigKind;
  readonly scope: Scope;
  readonly ground: Ground;
  readonly restartPatterns: readonly string[];
  readonly programs: ServiceConfig["programs"];
}

export interface ServiceRule {
  readonly rule: RuleConfig;
  readonly ground: Ground;
}

export interface ServiceConfig {
  /** `""` where no service is declared: then it is the only one. */
  readonly name: string;
  readonly kind: ConfigKind;
  /** What it does not say is the top's. `tmp_dir`, `clean_on_exit`, `ui`, `log` and `hooks.at_end` are the top's in each of them. */
  readonly config: Config;
  /** The same by key (`proc.cmd`), as it would be written and with where it comes from. */
  readonly effectives: Effectives;
  /** Names of the keys that are said of it alone. */
  readonly own: ReadonlySet<string>;
  /** Of its process, its hooks and its patterns. */
  readonly ground: Ground;
  /** Absolute. */
  readonly tmpDir: string;
  /** Absolute paths of `env_files`, those that are missing as well. */
  readonly envFiles: readonly string[];
  /** The `PORT` that the process finds in its environment, if it is one. */
  readonly port: number | undefined;
  /** Names of services that have to be ready before it is started. */
  readonly after: readonly string[];
  /** Not with `watch = false`: then it only runs. */
  readonly isWatched: boolean;
  /** Whose `[build]` it has: equal grounds are one build. */
  readonly buildGround: Ground;
  /** Its own, then the top's: the first that matches decides. */
  readonly rules: readonly ServiceRule[];
  /** Patterns as in `include_files` whose change restarts without a build. */
  readonly restartPatterns: readonly string[];
  /** Said where the program ends by itself with 0 as soon as it is started. */
  readonly endsAtOnce: string | undefined;
  /** Where on the `PATH` the programs of packages and of a virtual environment are: in front for what was found and for a COMMAND. */
  readonly programs: { readonly isInFront: boolean };
}
