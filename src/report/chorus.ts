/** The stories of several services beside each other: each moment goes to those whom it is about, and every line says whose it is. */
import { jobName } from "../core/job.ts";
import { waitingFor } from "../core/needs.ts";
import type { Turn } from "../core/turn.ts";
import type { News, Order, Service } from "../core/types.ts";
import type { Moment } from "./moment.ts";
import { beginning, type Line, type Story, type Telling } from "./story/story.ts";
import { tell } from "./story/tell.ts";

export interface Chorus {
  readonly stories: ReadonlyMap<Service, Story>;
  /** Whom a job that is in no single service's name is made for. */
  readonly shared: ReadonlyMap<string, readonly Service[]>;
}

export const silence: Chorus = { stories: new Map(), shared: new Map() };

export interface Parts extends Telling {
  /** The beginning of a line that is about these. */
  prefix(services: readonly Service[]): string;
}

interface Sung {
  readonly chorus: Chorus;
  readonly lines: readonly Line[];
}

/** Where there is one service, which has no name, its story is all. */
export function sing(chorus: Chorus, moment: Moment, parts: Parts): Sung {
  const names = [...parts.plan().services.keys()];
  if (names.length === 1 && names[0] === "") return alone(chorus, moment, parts);
  return moment.type === "turn" ? ofTurn(chorus, moment, parts) : ofNote(chorus, moment, parts);
}

function alone(chorus: Chorus, moment: Moment, parts: Parts): Sung {
  const told = tell(chorus.stories.get("") ?? beginning, moment, parts, "");
  return { chorus: { ...chorus, stories: new Map([["", told.story]]) }, lines: told.lines };
}

function ofNote(chorus: Chorus, note: Exclude<Moment, { type: "turn" }>, parts: Parts): Sung {
  const service = "job" in note && note.job !== undefined ? note.job.service : "service" in note ? note.service : "";
  const told = tell(chorus.stories.get(service) ?? beginning, note, parts, service);
  const stories = new Map(chorus.stories).set(service, told.story);
  const prefix = service === "" ? "" : parts.prefix([service]);
  return {
    chorus: { ...chorus, stories },
    lines: told.lines.map((line) => ({ ...line, text: beginningWith(prefix, line.text) })),
  };
}

function ofTurn(chorus: Chorus, turn: Turn & { readonly type: "turn" }, parts: Parts): Sung {
  const shared = new Map(chorus.shared);
  for (const order of turn.orders) {
    if (order.type === "startJob" && order.job.service === "")
      shared.set(jobName(order.job), waitingFor(turn.after, order.recipe, parts.plan()));
  }
  const usersOf = (job: { readonly service: Service }, name: string): readonly Service[] =>
    job.service === "" ? (shared.get(name) ?? []) : [job.service];
  const ofFact = "job" in turn.fact ? usersOf(turn.fact.job, jobName(turn.fact.job)) : [""];
  const ofOrder = (order: Order): readonly Service[] => {
    if ("job" in order) return usersOf(order.job, jobName(order.job));
    return "service" in order ? [order.service] : [];
  };
  const ofNews = ({ service }: News): readonly Service[] => [service];

  const involved = new Set([...ofFact, ...turn.orders.flatMap(ofOrder), ...turn.news.flatMap(ofNews)]);
  const stories = new Map(chorus.stories);
  const lines = new Map<string, { readonly line: Line; readonly of: Service[] }>();
  for (const service of involved) {
    const own: Turn & { readonly type: "turn" } = {
      ...turn,
      // What is not about it is nothing new to it.
      fact: ofFact.includes(service) ? turn.fact : { at: turn.fact.at, type: "started" },
      orders: turn.orders.filter((order) => ofOrder(order).includes(service)),
      news: turn.news.filter((news) => ofNews(news).includes(service)),
    };
    const told = tell(stories.get(service) ?? beginning, own, parts, service);
    stories.set(service, told.story);
    for (const line of told.lines) {
      const key = `${line.level} ${line.text}`;
      const same = lines.get(key);
      if (same === undefined) lines.set(key, { line, of: service === "" ? [] : [service] });
      else same.of.push(service);
    }
  }
  if (turn.fact.type === "jobEnded") shared.delete(jobName(turn.fact.job));
  const all = [...lines.values()].map(({ line, of }) => ({
    ...line,
    text: of.length === 0 ? line.text : beginningWith(parts.prefix(of), line.text),
  }));
  return { chorus: { stories, shared }, lines: all };
}

/** Whose it is stands before each line: a search for the name finds all that was said of it. */
const beginningWith = (prefix: string, text: string): string =>
  prefix === "" ? text : text.replaceAll(/^/gm, () => prefix);
