/** Where the time of the last restarts went, as the one that runs knows it, and what would make them shorter. */
import { resolve } from "node:path";
import { askRunning } from "../../adapters/control/running.ts";
import type { Registered } from "../../adapters/lock/registry.ts";
import type { LoadedConfig } from "../../config/layers/load.ts";
import type { ServiceConfig } from "../../config/layers/service-config.ts";
import { shortDuration } from "../../report/words.ts";
import { couldBeWarm } from "../../session/warm/shape-here.ts";
import { type Finding, fine, slow } from "./finding.ts";

/** From so long on, in milliseconds, somebody notices. */
const noticedMs = 300;

export async function timeFindings(
  one: Registered,
  { services }: LoadedConfig,
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  const answer = await askRunning(one, { verb: "status", names: [], options: { verbose: true } });
  return phasesIn(answer?.value).flatMap((phases) => {
    const service = services.get(phases.name);
    return service === undefined ? [] : findingsOf(phases, service, env);
  });
}

function findingsOf(
  { name, buildMs, stopMs, readyMs }: Phases,
  service: ServiceConfig,
  env: NodeJS.ProcessEnv,
): Finding[] {
  if (readyMs.length === 0) return [];
  const { proc } = service.config;
  const isChecked = hasCheck(service);
  const [build, stop, ready] = [middle(buildMs), middle(stopMs), middle(readyMs)];
  const prefix = name === "" ? "" : `${name}: `;
  const parts = [
    ...(build === undefined ? [] : [`the build takes ${shortDuration(build)}`]),
    ...(stop === undefined ? [] : [`the stop ${shortDuration(stop)}`]),
    ...(ready === undefined
      ? []
      : [`until it is ready ${shortDuration(ready)}${isChecked ? "" : ", as there is no check"}`]),
  ];
  const found = [fine("time", `${prefix}of a restart ${parts.join(", ")} (median of ${readyMs.length})`)];
  if (stop !== undefined && stop >= noticedMs && proc.swap === "stop-first")
    found.push(
      slow(
        "time",
        `${prefix}the program needs ${shortDuration(stop)} to stop, and the next run waits for that`,
        `let it end at once at ${proc.stop_signal}, or set [proc] stop_timeout to what it may take at most`,
      ),
    );
  if (ready !== undefined && ready >= noticedMs && isChecked && canBeWarm(service, env))
    found.push(
      slow(
        "time",
        `${prefix}the program needs ${shortDuration(ready)} until it is ready`,
        "[proc] warm = true starts the next run in advance and loads its packages: docs/warm.md",
      ),
    );
  return found;
}

const hasCheck = ({ config: { ready, proxy } }: ServiceConfig): boolean =>
  [ready.tcp, ready.http, ready.log, ready.exec, proxy.target].some((one) => one !== undefined);

/** One that is not kept warm, and would be. */
function canBeWarm({ config: { proc }, ground }: ServiceConfig, env: NodeJS.ProcessEnv): boolean {
  if (proc.cmd === undefined || proc.warm || proc.swap !== "stop-first") return false;
  const cwd = resolve(ground.commandDirectory, proc.cwd ?? ".");
  return couldBeWarm(proc.cmd, proc.args, { cwd, env: { ...env, ...ground.fileEnv, ...proc.env } });
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

interface Phases {
  readonly name: string;
  readonly buildMs: readonly number[];
  readonly stopMs: readonly number[];
  readonly readyMs: readonly number[];
}

function phasesIn(status: unknown): Phases[] {
  const services = field(status, "services");
  if (!Array.isArray(services)) return [];
  return services.map((service: unknown) => {
    const restarts = field(service, "restarts");
    const of = (name: string): number[] =>
      (Array.isArray(restarts) ? restarts : [])
        .map((restart: unknown) => field(restart, name))
        .filter((ms) => typeof ms === "number");
    return {
      name: String(field(service, "name") ?? ""),
      buildMs: of("buildMs"),
      stopMs: of("stopMs"),
      readyMs: of("readyMs"),
    };
  });
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
