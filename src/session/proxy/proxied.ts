/** The proxy of a session: opened before anything is started, told at every turn, asked where a run is to listen, and before one is stopped. */
import type { Sought } from "../../adapters/ready/listening.ts";
import { askUntilReady, type ReadyCheck } from "../../adapters/ready/ready.ts";
import type { LoadedConfig } from "../../config/layers/load.ts";
import type { Prepared } from "../../config/store/store.ts";
import { reasonOf, systemCode } from "../../core/errors.ts";
import { type House, intakeOf } from "../../core/house.ts";
import type { JobId } from "../../core/job.ts";
import type { Problem } from "../../core/problem.ts";
import type { Plan } from "../../core/types.ts";
import { isStyle } from "../../matchers/styles.ts";
import type { Restyled, Upstream } from "../../proxy/served.ts";
import { type Fresh, type Front, openProxy } from "../../proxy/server.ts";
import type { Moment, Note } from "../../report/moment.ts";
import { createLedger } from "../control/ledger.ts";
import type { ProxySettings, Settings } from "../settings.ts";
import { createRunPorts, portsOfCheckout } from "./places.ts";
import { type State, stateFor } from "./told.ts";

/** What a run is given, and how it is known that it answers. */
export interface RunPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly ready: ReadyCheck;
  /** The port that has to be free before it is started; absent where one was chosen for it. */
  readonly fixed: { readonly host: string | undefined; readonly port: number } | undefined;
}

export interface Proxied {
  /** What is opened in the browser. */
  readonly url: string | undefined;
  /** Opens what the settings ask for. `commit` lets go of what was open before. */
  aim(loaded: LoadedConfig, settings: Settings): Promise<Prepared<Problem>>;
  /** What every question needs: known once the session lives. */
  join(session: Joined): void;
  hear(moment: Moment): void;
  /** Two runs of a program that ignores its `PORT` cannot be beside each other, until the configuration changes. */
  planFor(plan: Plan): Plan;
  /** Where the next run is to listen; `undefined` without a proxy. */
  place(job: JobId, settings: Settings, port: string | undefined): RunPlace | undefined;
  /** It has begun: where the port is not known, it is looked for. */
  begun(job: JobId, pid: number): void;
  /** These are taken over by pages as they are; without any, or with others than style sheets and images, pages load again. */
  refresh(paths: readonly string[]): void;
  /** Resolves when what is under way on this run has ended, after `limitMs` at the latest, and with `isBounded` when the next start is due. */
  drain(job: JobId, limitMs: number, isBounded: boolean): Promise<void> | undefined;
  gone(job: JobId): void;
  close(): Promise<void>;
}

export interface Joined {
  house(): House;
  plan(): Plan;
  fresh(gone: AbortSignal): Promise<Fresh>;
}

export interface ProxiedParts {
  settings(): Settings;
  note(note: Note): void;
  now(): number;
  date(): Date;
  readonly env: NodeJS.ProcessEnv;
}

interface Open {
  readonly front: Front;
  readonly listen: string;
  readonly url: string;
}

const service = "";
const spare = 3;
const nothingToDo: Prepared<Problem> = { ok: true, commit() {}, abandon() {} };

export function createProxied(parts: ProxiedParts): Proxied {
  const { note, settings } = parts;
  const ledger = createLedger(parts.date);
  const nextPort = createRunPorts();
  const spares: number[] = [];
  const places = new Map<number, Upstream>();
  const lookedFor = new Map<number, { readonly sought: Sought; readonly over: AbortController }>();
  let open: Open | undefined;
  let session: Joined | undefined;
  let told = { text: "", generation: 0 };
  /** Counts versions of pages, and of what is in them. */
  let version = 0;
  let page = 0;
  let restyled: readonly Restyled[] = [];
  /** The configuration whose program ignores its `PORT`. */
  let ignoring: Plan | undefined;
  /** Those that wait for what is under way on an old run. */
  const draining = new Set<() => void>();
  let lastServed: string | undefined;
  let saidPort: number | undefined;

  const refill = async (): Promise<void> => {
    while (spares.length < spare) spares.push(await nextPort());
  };

  const options = () => {
    const its = settings().proxy;
    return {
      liveReload: its?.liveReload ?? false,
      holdMs: its?.holdMs ?? 0,
      allowedHosts: its?.allowedHosts ?? [],
    };
  };

  const tell = (isNew = false): void => {
    if (open === undefined || session === undefined) return;
    const view = { house: session.house(), plan: session.plan(), ledger };
    const state: State = stateFor(service, view, (run) => places.get(run));
    const text = JSON.stringify(state);
    if (text === told.text && !isNew) return;
    const served = state.upstream === undefined ? undefined : `${state.upstream.run}`;
    // Pages are those of a run: another one that answers is another page.
    if (served !== undefined && served !== lastServed) renew();
    lastServed = served ?? lastServed;
    told = { text, generation: told.generation + 1 };
    open.front.tell({ ...state, generation: told.generation, page, restyled });
  };

  /** From now on pages are other pages. */
  const renew = (): void => {
    version += 1;
    page = version;
    restyled = [];
  };

  const restyle = (paths: readonly string[]): void => {
    const kept = restyled.filter(({ path }) => !paths.includes(path));
    restyled = [
      ...kept,
      ...paths.map((path) => {
        version += 1;
        return { path, version };
      }),
    ];
  };

  /** @param given the `PORT` that it should have taken */
  const found = (run: number, port: number, given: number | undefined): void => {
    places.set(run, { run, host: undefined, port });
    const isBeside = settings().plan.services.get(service)?.swap === "start-first";
    if (given !== undefined && port !== given && isBeside) ignoring = settings().plan;
    const what = isBeside ? "; each run is stopped before the next one starts" : "";
    if (saidPort !== port && port !== given) {
      const not = given === undefined ? "" : `, not on PORT ${given}`;
      note({ type: "said", text: `run ${run} listens on port ${port}${not}: that is where requests go${what}` });
      saidPort = port;
    }
    tell();
  };

  const openAt = async (loaded: LoadedConfig, its: ProxySettings): Promise<Open> => {
    const proxyParts = {
      options,
      fresh: (gone: AbortSignal): Promise<Fresh> => session?.fresh(gone) ?? Promise.resolve({ is: "ready" }),
      warn: (text: string) =>
        note({ type: "warned", problem: { code: "session/proxy", severity: "warning", message: text } }),
    };
    const opened = (front: Front, host: string): Open => ({ front, listen: listenOf(its), url: urlOf(host, front) });
    if (its.listen !== "auto") {
      const { host, port } = its.listen;
      return opened(await openProxy(host, port, proxyParts), host);
    }
    const inherited = its.target === "auto" ? Number(parts.env["PORT"] ?? "") : 0;
    if (Number.isInteger(inherited) && inherited > 0 && inherited < 65_536)
      return opened(await openProxy(loopback, inherited, proxyParts), loopback);
    const identity = `${loaded.directory}\0${loaded.profile ?? ""}\0${service}`;
    let last: unknown;
    for (const port of portsOfCheckout(identity)) {
      try {
        return opened(await openProxy(loopback, port, proxyParts), loopback);
      } catch (error) {
        if (systemCode(error) !== "EADDRINUSE") throw error;
        last = error;
      }
    }
    throw last;
  };

  const put = (next: Open | undefined): void => {
    const before = open;
    open = next;
    if (before !== undefined && before !== next) void before.front.close();
    if (next !== undefined && before !== next) note({ type: "said", text: `open ${next.url}` });
    tell(true);
  };

  return {
    get url() {
      return open?.url;
    },
    async aim(loaded, { proxy }) {
      if (proxy === undefined)
        return open === undefined ? nothingToDo : { ok: true, commit: () => put(undefined), abandon() {} };
      if (open?.listen === listenOf(proxy)) return { ok: true, commit: () => put(open), abandon() {} };
      try {
        await refill();
        const next = await openAt(loaded, proxy);
        return { ok: true, commit: () => put(next), abandon: () => void next.front.close() };
      } catch (error) {
        const { problemOf } = await import("../../config/check/complain.ts");
        const message = `proxy.listen: ${whyClosed(error, proxy, parts.env["PORT"])}`;
        const problem = await problemOf(loaded.effectives, { key: "proxy.listen", message });
        return { ok: false, faults: [{ ...problem, code: "session/proxy" }] };
      }
    },
    join(its) {
      session = its;
      tell(true);
    },
    hear(moment) {
      ledger.hear(moment);
      // The next start does not wait for it any longer.
      if (moment.type === "turn" && intakeOf(moment.after, service).stage.is === "due")
        for (const end of [...draining]) end();
      if (moment.type === "turn" || moment.type === "configured") tell();
    },
    planFor: (plan) => (ignoring === plan ? stoppingFirst(plan) : plan),
    place({ number: run }, { proxy, ready, readyAt, readyTimeoutMs }, given) {
      if (proxy === undefined || open === undefined) return undefined;
      const { target } = proxy;
      if (target !== undefined && target !== "auto") {
        places.set(run, { run, ...target });
        const check = ready === undefined ? ({ by: "tcp", ...target } as const) : readyAt(target.port);
        return { env: {}, ready: check ?? { by: "tcp", ...target }, fixed: target };
      }
      const isOwn = target === undefined && given !== undefined && Number(given) !== open.front.address.port;
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
    begun({ number: run }, pid) {
      const looked = lookedFor.get(run);
      if (looked === undefined) return;
      const check: ReadyCheck = { by: "listening", ...looked.sought };
      const streams = { stdout: undefined, stderr: undefined };
      void askUntilReady(check, { pid, streams, cwd: "/", env: {}, isForeign: () => false }, looked.over.signal)
        .answered;
    },
    refresh(paths) {
      if (paths.length > 0 && paths.every((path) => isStyle(path))) restyle(paths);
      else renew();
      tell(true);
    },
    drain({ number: run }, limitMs, isBounded) {
      if (open === undefined) return undefined;
      const { front } = open;
      if (!isBounded) return front.drain(run, limitMs);
      return new Promise((resolve) => {
        const end = (): void => {
          draining.delete(end);
          resolve();
        };
        draining.add(end);
        void front.drain(run, limitMs).then(end);
      });
    },
    gone({ number: run }) {
      places.delete(run);
      lookedFor.get(run)?.over.abort();
      lookedFor.delete(run);
      open?.front.forget(run);
    },
    async close() {
      for (const { over } of lookedFor.values()) over.abort();
      await open?.front.close();
      open = undefined;
    },
  };
}

/** How long another port than the one that was given may be the only one, before it counts. */
const patienceMs = 50;
const autoPatienceMs = 1_000;
/** What is left of the time to get ready has to do for the last questions. */
const patientShare = 0.8;
const loopback = "127.0.0.1";

const stoppingFirst = (plan: Plan): Plan => ({
  ...plan,
  services: new Map([...plan.services].map(([name, its]) => [name, { ...its, swap: "stop-first" }])),
});

const listenOf = ({ listen, target }: ProxySettings): string =>
  listen === "auto" ? `auto ${target === "auto"}` : `${listen.host} ${listen.port}`;

function urlOf(host: string, { address }: Front): string {
  const name = [loopback, "0.0.0.0", "::", "::1"].includes(host)
    ? "localhost"
    : host.includes(":")
      ? `[${host}]`
      : host;
  return `http://${name}:${address.port}`;
}

function whyClosed(error: unknown, { listen }: ProxySettings, port: string | undefined): string {
  const where = listen === "auto" ? `PORT ${port ?? ""}` : `${listen.host}:${listen.port}`;
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return `${where}: somebody else listens there`;
    case "EACCES":
      return `${where}: not allowed (ports below 1024 are for root)`;
    case "EADDRNOTAVAIL":
      return `${where}: this machine does not have that address`;
    default:
      return `${where}: ${reasonOf(error)}`;
  }
}
