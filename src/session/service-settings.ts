/** What the configuration of one program comes to: plain settings, as the world wants them. */
import { resolve } from "node:path";
import type { Ending } from "../adapters/process/tree.ts";
import type { ReadyCheck } from "../adapters/ready/ready.ts";
import type { SocketAddress } from "../adapters/sockets/sockets.ts";
import { isFromBin } from "../config/air/program.ts";
import type { Config } from "../config/keys/keys.ts";
import { hasProxy } from "../config/layers/load.ts";
import type { ServiceConfig } from "../config/layers/service-config.ts";
import { aboutBuild, aboutWatcher } from "../config/projects/watchers.ts";
import type { Command } from "../core/command.ts";
import type { Service } from "../core/types.ts";
import { expressionOf } from "../matchers/expression.ts";
import type { ProgramPlace } from "./programs.ts";

export interface BuildSettings {
  readonly command: Command;
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessSettings {
  readonly command: Command;
  /** It is air's `bin`: which part of it is the program shows at the start. */
  readonly isBin: boolean;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  readonly stdin: "auto" | boolean;
  readonly ending: Ending;
  /** The next run is started in advance. */
  readonly isWarm: boolean;
}

export interface ProxySettings {
  readonly listen: { readonly host: string; readonly port: number } | "auto";
  readonly target: { readonly host: "127.0.0.1" | "::1" | undefined; readonly port: number } | "auto" | undefined;
  readonly liveReload: boolean;
  readonly holdMs: number;
  readonly drainMs: number;
  readonly allowedHosts: readonly string[];
}

/** Of one service, or of the only program. */
export interface ServiceSettings extends ProgramPlace {
  readonly name: Service;
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
  /** What to say where the program ends by itself with 0 as soon as it is started. */
  readonly endsAtOnce: string | undefined;
  /** Something about them that is to be said once. */
  readonly remark: string | undefined;
}

/** Without a readiness check: alive for so long is ready, in milliseconds; with `--once`, is a success. */
const aliveMs = 500;
const onceAliveMs = 2_000;

export function serviceSettingsOf(
  service: ServiceConfig,
  once: { readonly forMs: number | undefined } | undefined,
): ServiceSettings {
  const { config, ground } = service;
  const { build, proc } = config;
  const { commandDirectory } = ground;
  return {
    name: service.name,
    root: commandDirectory,
    fileEnv: ground.fileEnv,
    areProgramsInFront: service.programs.isInFront,
    build: build.cmd === undefined ? undefined : { command: build.cmd, env: build.env },
    process:
      proc.cmd === undefined
        ? undefined
        : {
            command: proc.cmd,
            isBin: isFromBin(service.effectives.get("proc.cmd")),
            args: proc.args,
            env: proc.env,
            cwd: resolve(commandDirectory, proc.cwd ?? "."),
            stdin: proc.stdin,
            ending: { signal: proc.stop_signal, timeoutMs: proc.stop_timeout, sweep: proc.sweep },
            isWarm: proc.warm && once === undefined,
          },
    proxy: hasProxy(service.effectives)
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
    ready: readyOf(config, service.port),
    readyTimeoutMs: config.ready.timeout,
    aliveMs: once === undefined ? aliveMs : (once.forMs ?? onceAliveMs),
    endsAtOnce: proc.args.length > 0 ? undefined : service.endsAtOnce,
    remark: service.kind === "detected" ? undefined : remarkOn(build.cmd, proc.cmd, commandDirectory),
  };
}

function remarkOn(build: Command | undefined, program: Command | undefined, directory: string): string | undefined {
  return (
    (program === undefined ? undefined : aboutWatcher(program, directory)) ??
    (build === undefined ? undefined : aboutBuild(build, directory))
  );
}

function readyOf({ ready }: Config, port: number | undefined): ReadyCheck | undefined {
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
