/** Where the runs of a service listen: the port that each is given, or whatever port it then takes. */
import type { Sought } from "../../adapters/ready/listening.ts";
import { askUntilReady, type ReadyCheck } from "../../adapters/ready/ready.ts";
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

export function createRunPlaces({ service, settings, front, say, changed, nextPort }: RunPlacesParts) {
  const spares: number[] = [];
  const places = new Map<number, Upstream>();
  const lookedFor = new Map<number, { readonly sought: Sought; readonly over: AbortController }>();
  /** The configuration whose program ignores its `PORT`. */
  let ignoring: Plan | undefined;
  let saidPort: number | undefined;

  /** So that no start waits for the look at a port. */
  const refill = async (): Promise<void> => {
    while (spares.length < spare) spares.push(await nextPort());
  };

  /** @param given the `PORT` that it should have taken */
  const found = (run: number, port: number, given: number | undefined): void => {
    places.set(run, { run, host: undefined, port });
    const isBeside = settings().plan.services.get(service)?.swap === "start-first";
    if (given !== undefined && port !== given && isBeside) ignoring = settings().plan;
    const what = isBeside ? "; each run is stopped before the next one starts" : "";
    if (saidPort !== port && port !== given) {
      const not = given === undefined ? "" : `, not on PORT ${given}`;
      say(`run ${run} listens on port ${port}${not}: that is where requests go${what}`);
      saidPort = port;
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
        patienceMs: target === "auto" ? Math.min(autoPatienceMs, readyTimeoutMs / 2) : patienceMs,
        patientForMs: patientShare * readyTimeoutMs,
        found: (its) => found(run, its, target === "auto" ? port : undefined),
      };
      if (target === "auto") places.set(run, { run, host: undefined, port });
      const asked = readyAt(port);
      if (asked !== undefined) lookedFor.set(run, { sought, over: new AbortController() });
      return { env, ready: asked ?? { by: "listening", ...sought }, fixed: undefined };
    },
    /** It has begun: where its check does not say where it listens, it is looked for. */
    begun(run: number, pid: number): void {
      const looked = lookedFor.get(run);
      if (looked === undefined) return;
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

const stoppingFirst = (plan: Plan, service: Service): Plan => ({
  ...plan,
  services: new Map(
    [...plan.services].map(([name, its]) => [name, name === service ? { ...its, swap: "stop-first" } : its]),
  ),
});
