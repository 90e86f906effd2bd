/** A proxy that is loaded when the first version of the configuration with one is in force. */
import type { Joined, Proxied } from "./proxied.ts";

export function lateProxied(load: () => Promise<Proxied>): Proxied {
  let its: Proxied | undefined;
  let session: Joined | undefined;
  return {
    get url() {
      return its?.url;
    },
    async aim(loaded, settings) {
      if (its === undefined && settings.proxy === undefined) return { ok: true, commit() {}, abandon() {} };
      if (its === undefined) {
        its = await load();
        if (session !== undefined) its.join(session);
      }
      return its.aim(loaded, settings);
    },
    join(joined) {
      session = joined;
      its?.join(joined);
    },
    planFor: (plan) => its?.planFor(plan) ?? plan,
    hear: (moment) => its?.hear(moment),
    place: (job, settings, port) => its?.place(job, settings, port),
    begun: (job, pid) => its?.begun(job, pid),
    drain: (job, limitMs, isBounded) => its?.drain(job, limitMs, isBounded),
    refresh: (paths) => its?.refresh(paths),
    gone: (job) => its?.gone(job),
    close: async () => its?.close(),
  };
}
