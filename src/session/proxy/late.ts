/** The proxies of all services that have one, loaded when the first version of the configuration with one is in force. */
import type { LoadedConfig } from "../../config/layers/load.ts";
import type { Prepared } from "../../config/store/store.ts";
import type { JobId } from "../../core/job.ts";
import type { Problem } from "../../core/problem.ts";
import type { Plan, Service } from "../../core/types.ts";
import type { Moment } from "../../report/moment.ts";
import type { ServiceSettings } from "../service-settings.ts";
import type { Settings } from "../settings.ts";
import type { Joined, Proxied } from "./proxied.ts";
import type { RunPlace } from "./run-places.ts";

export interface Proxies {
  /** What is opened in the browser, by service. */
  readonly urls: ReadonlyMap<Service, string>;
  /** Opens what the settings ask for. `commit` lets go of what was open before. */
  aim(loaded: LoadedConfig, settings: Settings): Promise<Prepared<Problem>>;
  /** What every question needs: known once the session lives. */
  join(session: Joined): void;
  hear(moment: Moment): void;
  planFor(plan: Plan): Plan;
  /** Where the next run is to listen; `undefined` without a proxy. */
  place(job: JobId, settings: ServiceSettings, port: string | undefined): RunPlace | undefined;
  begun(job: JobId, pid: number): void;
  refresh(service: Service, paths: readonly string[]): void;
  drain: Proxied["drain"];
  gone(job: JobId): void;
  close(): Promise<void>;
}

/** @param load returns who makes the one of a service */
export function lateProxies(load: () => Promise<(service: Service) => Proxied>): Proxies {
  const all = new Map<Service, Proxied>();
  let make: ((service: Service) => Proxied) | undefined;
  let session: Joined | undefined;
  const proxyOf = async (service: Service): Promise<Proxied> => {
    const known = all.get(service);
    if (known !== undefined) return known;
    make ??= await load();
    const made = make(service);
    all.set(service, made);
    if (session !== undefined) made.join(session);
    return made;
  };
  return {
    get urls() {
      const urls = new Map<Service, string>();
      for (const [service, { url }] of all) if (url !== undefined) urls.set(service, url);
      return urls;
    },
    async aim(loaded, settings) {
      const { services } = settings;
      const wanted = [...services].flatMap(([name, { proxy }]) => (proxy === undefined ? [] : [name]));
      const prepared: Extract<Prepared<Problem>, { ok: true }>[] = [];
      for (const service of new Set([...wanted, ...all.keys()])) {
        const one = await proxyOf(service);
        const aimed = await one.aim(loaded, settings, wanted.length === 1);
        if (aimed.ok) prepared.push(aimed);
        else {
          for (const { abandon } of prepared) abandon();
          return aimed;
        }
      }
      return {
        ok: true,
        commit() {
          for (const { commit } of prepared) commit();
        },
        abandon() {
          for (const { abandon } of prepared) abandon();
        },
      };
    },
    join(joined) {
      session = joined;
      for (const one of all.values()) one.join(joined);
    },
    planFor(plan) {
      let planned = plan;
      for (const one of all.values()) planned = one.planFor(plan, planned);
      return planned;
    },
    hear(moment) {
      for (const one of all.values()) one.hear(moment);
    },
    place: (job, settings, port) => all.get(job.service)?.place(job, settings, port),
    begun: (job, pid) => all.get(job.service)?.begun(job, pid),
    drain: (job, limits) => all.get(job.service)?.drain(job, limits),
    refresh: (service, paths) => all.get(service)?.refresh(paths),
    gone: (job) => all.get(job.service)?.gone(job),
    async close() {
      await Promise.all([...all.values()].map((one) => one.close()));
    },
  };
}
