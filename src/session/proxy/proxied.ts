/** The proxy of a service: opened before anything is started, told at every turn, asked where a run is to listen, and before one is stopped. */
import type { LoadedConfig } from "../../config/layers/load.ts";
import type { Prepared } from "../../config/store/store.ts";
import { type House, intakeOf } from "../../core/house.ts";
import type { JobId } from "../../core/job.ts";
import type { Problem } from "../../core/problem.ts";
import type { Turn } from "../../core/turn.ts";
import type { Plan, Service } from "../../core/types.ts";
import { isStyle } from "../../matchers/styles.ts";
import type { InFlight } from "../../proxy/flights.ts";
import type { Fresh, ProxyParts } from "../../proxy/server.ts";
import type { Moment, Note } from "../../report/moment.ts";
import { createLedger } from "../control/ledger.ts";
import type { ServiceSettings } from "../service-settings.ts";
import type { Settings } from "../settings.ts";
import { createEditions } from "./editions.ts";
import { howToReach, listenOf, notOpened, type Open, openFront } from "./opening.ts";
import { createRunPlaces, type RunPlace } from "./run-places.ts";
import { type State, stateFor } from "./told.ts";

export interface Proxied {
  /** What is opened in the browser. */
  readonly url: string | undefined;
  /** Opens what the settings ask for. `commit` lets go of what was open before. `isOnly`: no other service has one. */
  aim(loaded: LoadedConfig, settings: Settings, isOnly: boolean): Promise<Prepared<Problem>>;
  /** What every question needs: known once the session lives. */
  join(session: Joined): void;
  hear(moment: Moment): void;
  /** Two runs of a program that ignores its `PORT` cannot be beside each other, until the configuration changes. */
  planFor(inForce: Plan, plan: Plan): Plan;
  /** Where the next run is to listen; `undefined` without a proxy. */
  place(job: JobId, settings: ServiceSettings, port: string | undefined): RunPlace | undefined;
  /** It has begun: where the port is not known, it is looked for. */
  begun(job: JobId, pid: number): void;
  /** These are taken over by pages as they are; without any, or with others than style sheets and images, pages load again. */
  refresh(paths: readonly string[]): void;
  /** Resolves when what is under way on this run has ended, or has had its time: then with what that was. */
  drain(job: JobId, limits: DrainLimits): Promise<InFlight | undefined> | undefined;
  gone(job: JobId): void;
  close(): Promise<void>;
}

export interface DrainLimits {
  readonly limitMs: number;
  /** Nobody waits for it, and it ends when the next start is due. */
  readonly isBeside: boolean;
}

export interface Joined {
  house(): House;
  plan(): Plan;
  fresh(service: Service, gone: AbortSignal): Promise<Fresh>;
}

export interface ProxiedParts {
  readonly service: Service;
  settings(): Settings;
  /** A free port for the next run. */
  nextPort(): Promise<number>;
  note(note: Note): void;
  date(): Date;
  readonly env: NodeJS.ProcessEnv;
  /** What is opened in here is not opened on the machine around it. */
  readonly isContainer: boolean;
}

const nothingToDo: Prepared<Problem> = { ok: true, commit() {}, abandon() {} };

export function createProxied(parts: ProxiedParts): Proxied {
  const { service, note, settings } = parts;
  const prefix = service === "" ? "" : `${service}: `;
  const ledger = createLedger(parts.date, () => settings().plan);
  const editions = createEditions();
  let open: Open | undefined;
  let session: Joined | undefined;
  let told = { text: "", generation: 0 };
  /** What ends the wait for what is under way on an old run. */
  const draining = new Set<(turn: Turn) => void>();
  let lastServed: string | undefined;

  const tell = (isNew = false): void => {
    if (open === undefined || session === undefined) return;
    const view = { house: session.house(), plan: session.plan(), ledger };
    const state: State = stateFor(service, view, places.of);
    const text = JSON.stringify(state);
    if (text === told.text && !isNew) return;
    const served = state.upstream === undefined ? undefined : `${state.upstream.run} ${state.upstream.port}`;
    // Pages are those of a run, at its port: another one that answers is another page.
    if (served !== undefined && served !== lastServed) editions.renew();
    lastServed = served ?? lastServed;
    told = { text, generation: told.generation + 1 };
    const { page, restyled } = editions;
    open.front.tell({ ...state, generation: told.generation, page, restyled });
  };

  const places = createRunPlaces({
    service,
    settings,
    front: () => open?.front.address.port,
    say: (text) => note({ type: "said", text: `${prefix}${text}` }),
    warn: (text) => proxyParts.warn(`${prefix}${text}`),
    nextPort: parts.nextPort,
    changed: tell,
  });

  const proxyParts: ProxyParts = {
    options() {
      const proxy = settings().services.get(service)?.proxy;
      return {
        liveReload: proxy?.liveReload ?? false,
        holdMs: proxy?.holdMs ?? 0,
        allowedHosts: proxy?.allowedHosts ?? [],
      };
    },
    fresh: (gone) => session?.fresh(service, gone) ?? Promise.resolve({ is: "ready" }),
    warn: (text) => note({ type: "warned", problem: { code: "session/proxy", severity: "warning", message: text } }),
  };

  const put = (next: Open | undefined): void => {
    const before = open;
    open = next;
    if (before !== undefined && before !== next) void before.front.close();
    if (next !== undefined && before !== next) {
      note({ type: "said", text: `${prefix}open ${next.url}` });
      const how = parts.isContainer ? howToReach(next) : undefined;
      if (how !== undefined) note({ type: "said", text: how });
    }
    tell(true);
  };

  return {
    get url() {
      return open?.url;
    },
    async aim(loaded, { services }, isOnly) {
      const proxy = services.get(service)?.proxy;
      if (proxy === undefined)
        return open === undefined ? nothingToDo : { ok: true, commit: () => put(undefined), abandon() {} };
      if (open?.listen === listenOf(proxy)) return { ok: true, commit: () => put(open), abandon() {} };
      const { env, isContainer } = parts;
      const opening = {
        loaded,
        service,
        settings: proxy,
        inherited: isOnly ? env["PORT"] : undefined,
        isContainer,
        parts: proxyParts,
      };
      try {
        await places.refill();
        const next = await openFront(opening);
        return { ok: true, commit: () => put(next), abandon: () => void next.front.close() };
      } catch (error) {
        return notOpened(error, opening);
      }
    },
    join(joining) {
      session = joining;
      tell(true);
    },
    hear(moment) {
      ledger.hear(moment);
      if (moment.type === "turn") for (const look of [...draining]) look(moment);
      if (moment.type === "turn" || moment.type === "configured") tell();
    },
    planFor: places.planFor,
    place: ({ number }, settings, given) =>
      settings.proxy === undefined || open === undefined ? undefined : places.next(number, settings, given),
    begun: ({ number }, pid) => places.begun(number, pid),
    refresh(paths) {
      if (paths.length > 0 && paths.every((path) => isStyle(path))) editions.restyle(paths);
      else editions.renew();
      tell(true);
    },
    drain(job, { limitMs, isBeside }) {
      if (open === undefined) return undefined;
      const { front } = open;
      return new Promise((resolve) => {
        const end = (late?: InFlight): void => {
          if (!draining.delete(look)) return;
          if (late !== undefined) front.letGo(job.number);
          resolve(late);
        };
        // The next start does not wait for it any longer, and the end of everything for nobody.
        const look = ({ after }: Turn): void => {
          if (after.life.is !== "living") end();
          else if (isBeside && intakeOf(after, service).stage.is === "due") {
            front.letGo(job.number);
            end();
          }
        };
        draining.add(look);
        const say = (inFlight: InFlight): void => {
          if (!isBeside && draining.has(look)) note({ type: "drainWaiting", job, ...inFlight });
        };
        void front.drain(job.number, limitMs, say).then(end);
      });
    },
    gone({ number }) {
      places.forget(number);
      open?.front.forget(number);
    },
    async close() {
      places.close();
      await open?.front.close();
      open = undefined;
    },
  };
}
