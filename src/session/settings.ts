/** What the configuration and the command line come to: plain settings, as the machine and the adapters want them. */
import { resolve } from "node:path";
import type { Ending } from "../adapters/process/tree.ts";
import type { ReadyCheck } from "../adapters/ready/ready.ts";
import type { SocketAddress } from "../adapters/sockets/sockets.ts";
import { hasProxy, type LoadedConfig } from "../config/layers/load.ts";
import { aboutWatcher } from "../config/projects/watchers.ts";
import type { Command } from "../core/command.ts";
import type { Plan } from "../core/types.ts";
import { expressionOf } from "../matchers/expression.ts";
import type { Level } from "../report/story.ts";
import { planOf } from "./plan.ts";
import type { Recipes } from "./recipes.ts";

export interface BuildSettings {
  readonly command: Command;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
}

export interface ProcessSettings {
  readonly command: Command;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  readonly stdin: "auto" | boolean;
  readonly ending: Ending;
}

export interface ProxySettings {
  readonly listen: { readonly host: string; readonly port: number } | "auto";
  readonly target: { readonly host: "127.0.0.1" | "::1" | undefined; readonly port: number } | "auto" | undefined;
  readonly liveReload: boolean;
  readonly holdMs: number;
  readonly drainMs: number;
  readonly allowedHosts: readonly string[];
}

export interface Settings {
  /** What the machine decides by. */
  readonly plan: Plan;
  /** What is executed to an end. */
  readonly recipes: Recipes;
  /** Absolute; where commands run. */
  readonly root: string;
  /** Absolute. */
  readonly tmpDir: string;
  readonly cleanOnExit: boolean;
  readonly build: BuildSettings | undefined;
  readonly process: ProcessSettings | undefined;
  readonly proxy: ProxySettings | undefined;
  /** With a proxy each run has a port of its own. */
  readonly readyAt: (port: number) => ReadyCheck | undefined;
  /** Those that are opened for the program and handed to every run. */
  readonly sockets: readonly SocketAddress[];
  readonly ready: ReadyCheck | undefined;
  readonly readyTimeoutMs: number;
  /** Without a check: alive for so long is ready. */
  readonly aliveMs: number;
  /** What `env_files` say. */
  readonly fileEnv: Readonly<Record<string, string>>;
  /** Whether programs of packages and of a virtual environment win over others of the `PATH`. */
  readonly areProgramsInFront: boolean;
  /** What to say where the program ends by itself with 0 as soon as it is started. */
  readonly endsAtOnce: string | undefined;
  readonly clear: boolean;
  /** What is typed is for `reload`, not for the program. */
  readonly keys: boolean;
  /** What runs print is kept for `reload logs`, even where it would pass through unread. */
  readonly keepsOutput: boolean;
  readonly level: Level;
  readonly time: boolean;
  /** Something about them that is to be said once. */
  readonly remark: string | undefined;
}

/** How `--once`, `--for`, `--postpone` and COMMAND bear on it. */
export interface Circumstances {
  /** `forMs`: `--for`, in milliseconds. */
  readonly once: { readonly forMs: number | undefined } | undefined;
  readonly postpone: boolean;
  readonly commandGiven: boolean;
}

/** Without a readiness check: alive for so long is ready, in milliseconds; with `--once`, is a success. */
const aliveMs = 500;
const onceAliveMs = 2_000;

export function settingsOf(loaded: LoadedConfig, { once, postpone, commandGiven }: Circumstances): Settings {
  const { config, root, commandDirectory, fileEnv } = loaded;
  const { build, proc } = config;
  const ready = readyOf(config, loaded.port);
  const isChecked = ready !== undefined || hasProxy(loaded.effectives);
  const { plan, recipes } = planOf(loaded, isChecked, { once, postpone, commandGiven });
  return {
    plan,
    recipes,
    root: commandDirectory,
    tmpDir: resolve(root, config.tmp_dir),
    cleanOnExit: config.clean_on_exit,
    build: build.cmd === undefined ? undefined : { command: build.cmd, env: build.env, timeoutMs: build.timeout },
    process:
      proc.cmd === undefined
        ? undefined
        : {
            command: proc.cmd,
            args: proc.args,
            env: proc.env,
            cwd: resolve(commandDirectory, proc.cwd ?? "."),
            stdin: proc.stdin,
            ending: { signal: proc.stop_signal, timeoutMs: proc.stop_timeout, sweep: proc.sweep },
          },
    proxy: hasProxy(loaded.effectives)
      ? {
          listen: config.proxy.listen,
          target: config.proxy.target,
          liveReload: config.proxy.live_reload,
          holdMs: config.proxy.hold,
          drainMs: config.proxy.drain,
          allowedHosts: config.proxy.allowed_hosts,
        }
      : undefined,
    readyAt: (port) => readyOf(config, port),
    sockets: config.sockets.listen.map((place) =>
      place.is === "path" ? { is: "path", path: resolve(commandDirectory, place.path) } : place,
    ),
    ready,
    readyTimeoutMs: config.ready.timeout,
    aliveMs: once === undefined ? aliveMs : (once.forMs ?? onceAliveMs),
    fileEnv,
    areProgramsInFront: loaded.programs.isInFront,
    endsAtOnce: loaded.endsAtOnce,
    clear: config.ui.clear,
    keys: config.ui.keys && proc.stdin !== true,
    keepsOutput: config.log.keep,
    level: config.log.level,
    time: config.log.time,
    remark: proc.cmd === undefined || loaded.kind === "detected" ? undefined : aboutWatcher(proc.cmd, commandDirectory),
  };
}

function readyOf({ ready }: LoadedConfig["config"], port: number | undefined): ReadyCheck | undefined {
  // Without a PORT, a configuration that needs one is refused before it gets here.
  if (ready.tcp === "auto") return { by: "tcp", host: undefined, port: port ?? 0 };
  if (ready.tcp !== undefined) return { by: "tcp", ...ready.tcp };
  if (ready.http !== undefined) {
    return { by: "http", url: ready.http.startsWith("/") ? `http://localhost:${port ?? 0}${ready.http}` : ready.http };
  }
  if (ready.log !== undefined) return { by: "log", pattern: expressionOf(ready.log.source) };
  if (ready.exec !== undefined) return { by: "exec", command: ready.exec };
  return undefined;
}
