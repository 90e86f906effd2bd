/** A program of Node or Python that starts slowly, and does so again: who started it is told, once, what keeps it warm. */
import type { Turn } from "../core/turn.ts";
import type { Service } from "../core/types.ts";
import { shortDuration } from "../report/words.ts";
import type { ServiceSettings } from "./service-settings.ts";
import type { Settings } from "./settings.ts";

/** From so long on, in milliseconds, from start to ready. */
const slowMs = 400;

export function createSlowStarts(
  { settings, env }: { settings(): Settings; readonly env: NodeJS.ProcessEnv },
  say: (text: string) => void,
): (turn: Turn) => void {
  const started = new Map<Service, { readonly run: number; readonly at: number }>();
  const slow = new Map<Service, number>();
  return ({ fact, orders }) => {
    if (fact.type === "runReady") {
      const { service, number } = fact.job;
      const since = started.get(service);
      started.delete(service);
      if (since?.run === number && fact.at - since.at > slowMs) {
        const count = (slow.get(service) ?? 0) + 1;
        slow.set(service, count);
        // Where the advice is missing by now, nothing is said.
        if (count === 2) void advise(settings(), service, fact.at - since.at, env, say).catch(() => {});
      }
    }
    for (const order of orders)
      if (order.type === "startRun") started.set(order.job.service, { run: order.job.number, at: fact.at });
  };
}

async function advise(
  { services, plan }: Settings,
  service: Service,
  ms: number,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<void> {
  const settings = services.get(service);
  const { process: program } = settings ?? {};
  if (settings === undefined || program === undefined || program.isWarm || !isChecked(settings)) return;
  if (plan.services.get(service)?.swap === "start-first") return;
  const { couldBeWarm } = await import("./warm/shape-here.ts");
  const { command, args, cwd } = program;
  if (!couldBeWarm(command, args, { cwd, env: { ...env, ...settings.fileEnv, ...program.env } })) return;
  const name = service === "" ? "the program" : service;
  say(
    `${name} needs ${shortDuration(ms)} from its start until it is ready: warm = true under [proc] (--warm) may help, as it loads the packages of the next run in advance (docs/warm.md)`,
  );
}

/** Without a check it counts as ready after a while, however long it needs. */
const isChecked = ({ ready, proxy }: ServiceSettings): boolean => ready !== undefined || proxy !== undefined;
