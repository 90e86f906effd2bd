/** Where the runs of a service listen: the port that each is given, or whatever port it then takes. */
import { followPorts, type Sought } from "../../adapters/ready/listening.ts";
import { askUntilReady, type ReadyCheck } from "../../adapters/ready/ready.ts";
import type { Chosen } from "../../adapters/ready/run-ports.ts";
import type { Plan, Service } from "../../core/types.ts";
import type { Upstream } from "../../proxy/served.ts";
import type { ServiceSettings } from "../service-settings.ts";
import type { Settings } from "../settings.ts";

/** What a run is given, and how it is known that it answers. */
export interface RunPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly ready: ReadyCheck;
  /** The port that has to be free before it is started; absent where one was chosen for it. */
  readonly fixed: { readonly host: string | undefined; readonly port: number } | undefined;
}

export interface RunPlacesParts {
  readonly service: Service;
  settings(): Settings;
  /** The port of the proxy itself. */
  front(): number | undefined;
  say(text: string): void;
  /** Something that only the user can put right. */
  warn(text: string): void;
  /** Where a run listens is known now. */
  changed(): void;
  /** A free port for the next run. */
  nextPort(): Promise<number>;
}

const spare = 3;
/** How long another port than the one that was given may be the only one, before it counts. */
const patienceMs = 50;
const autoPatienceMs = 1_000;
/** What is left of the time to get ready has to do for the last questions. */
const patientShare = 0.8;

interface LookedFor {
  readonly sought: Sought;
  /** The user's own check says when it is ready, so nobody else finds out where it listens. */
  readonly isByItself: boolean;
  readonly over: AbortController;
  pid: number | undefined;
  isFollowed: boolean;
}

export function createRunPlaces({ service, settings, front, say, warn, changed, nextPort }: RunPlacesParts) {
  const spares: number[] = [];
  const places = new Map<number, Upstream>();
  const lookedFor = new Map<number, LookedFor>();
  /** The configuration whose program ignores its `PORT`. */
  let ignoring: Plan | undefined;
  let earlier: Chosen | undefined;
  let said: string | undefined;

  /** So that no start waits for the look at a port. */
  const refill = async (): Promise<void> => {
    while (spares.length < spare) spares.push(await nextPort());
  };

  /** @param given the `PORT` that it should have taken */
  const found = (run: number, chosen: Chosen, given: number | undefined): void => {
    const { port } = chosen;
    const own = lookedFor.get(run);
    if (own?.pid !== undefined && !own.isFollowed && port !== own.sought.preferred) {
      own.isFollowed = true;
      void followPorts(own.pid, chosen, own.sought, own.over.signal);
    }
    places.set(run, { run, host: undefined, port });
    earlier = chosen;
    const isBeside = settings().plan.services.get(service)?.swap === "start-first";
    if (given !== undefined && port !== given && isBeside) ignoring = settings().plan;
    const ports = [port, ...chosen.others].join(" ");
    if (said !== ports && port !== given) {
      const what = isBeside ? "; each run is stopped before the next one starts" : "";
      (chosen.isClear ? say : warn)(`run ${run} ${whereOf(chosen, given)}${what}`);
      said = ports;
    }
    changed();
  };

  return {
    refill,
    of: (run: number): Upstream | undefined => places.get(run),
    /** Two runs of a program that ignores its `PORT` cannot be beside each other, until the configuration changes. */
    planFor: (inForce: Plan, plan: Plan): Plan => (ignoring === inForce ? stoppingFirst(plan, service) : plan),
    /** @param given the `PORT` that the program would have without a proxy */
    next(run: number, { proxy, ready, readyAt, readyTimeoutMs }: ServiceSettings, given: string | undefined): RunPlace {
      const target = proxy?.target;
      if (target !== undefined && target !== "auto") {
        places.set(run, { run, ...target });
        const check = ready === undefined ? ({ by: "tcp", ...target } as const) : readyAt(target.port);
        return { env: {}, ready: check ?? { by: "tcp", ...target }, fixed: target };
      }
      const isOwn = target === undefined && given !== undefined && Number(given) !== front();
      const port = isOwn ? Number(given) : spares.shift();
      if (port === undefined) throw new Error("no port is free for this run at the moment");
      void refill();
      const env: Record<string, string> = isOwn ? {} : { PORT: String(port) };
      const sought: Sought = {
        preferred: port,
        isFree: !isOwn,
        earlier,
        patienceMs: target === "auto" ? Math.min(autoPatienceMs, readyTimeoutMs / 2) : patienceMs,
        patientForMs: patientShare * readyTimeoutMs,
        found: (chosen) => found(run, chosen, target === "auto" ? port : undefined),
      };
      if (target === "auto") places.set(run, { run, host: undefined, port });
      const asked = readyAt(port);
      const over = new AbortController();
      lookedFor.set(run, { sought, isByItself: asked !== undefined, over, pid: undefined, isFollowed: false });
      return { env, ready: asked ?? { by: "listening", ...sought }, fixed: undefined };
    },
    /** It has begun: where its check does not say where it listens, it is looked for. */
    begun(run: number, pid: number): void {
      const looked = lookedFor.get(run);
      if (looked === undefined) return;
      looked.pid = pid;
      if (!looked.isByItself) return;
      const check: ReadyCheck = { by: "listening", ...looked.sought };
      const streams = { stdout: undefined, stderr: undefined };
      void askUntilReady(check, { pid, streams, cwd: "/", env: {}, isForeign: () => false }, looked.over.signal)
        .answered;
    },
    forget(run: number): void {
      places.delete(run);
      lookedFor.get(run)?.over.abort();
      lookedFor.delete(run);
    },
    close(): void {
      for (const { over } of lookedFor.values()) over.abort();
    },
  };
}

/** @param given the `PORT` that it should have taken */
function whereOf({ port, isClear, others }: Chosen, given: number | undefined): string {
  const not = given === undefined ? "" : `, not on PORT ${given}`;
  const [other] = others;
  if (other === undefined) return `listens on port ${port}${not}: that is where requests go`;
  if (isClear) return `listens on port ${port} (and on ${listed(others)})${not}: requests go to ${port}`;
  const all = [port, ...others].sort((one, another) => one - another);
  return `listens on ports ${listed(all)}${not}, and nothing says which of them is meant: requests go to ${port}; to name another one: [proxy] target = ${other}`;
}

const listed = (ports: readonly number[]): string =>
  ports.length < 2 ? `${ports[0]}` : `${ports.slice(0, -1).join(", ")} and ${ports.at(-1)}`;

const stoppingFirst = (plan: Plan, service: Service): Plan => ({
  ...plan,
  services: new Map(
    [...plan.services].map(([name, plan]) => [name, name === service ? { ...plan, swap: "stop-first" } : plan]),
  ),
});
