/** All machines beside each other: an intake and runs for each service, work for each recipe, one life, one counter of marks. */

import { nothing } from "./demand.ts";
import type { Held } from "./guard.ts";
import { noRuns, type Runs } from "./slots.ts";
import { firstIntake, type Intake } from "./stage.ts";
import type { Failure, News, Order, Plan, RecipeId, Service, ServicePlan } from "./types.ts";
import { firstMark, type Mark, noWork, type Work } from "./work.ts";

export type Life =
  | { readonly is: "living" }
  /** `asked`: by somebody; asked again, everything is ended at once. `hasEnded`: what is carried out at the end has begun. */
  | {
      readonly is: "quitting";
      readonly code: number;
      readonly asked: boolean;
      readonly forced: boolean;
      readonly hasEnded: boolean;
    }
  | { readonly is: "ended"; readonly code: number };

export interface House {
  readonly life: Life;
  /** Of the newest change. */
  readonly mark: Mark;
  readonly isPaused: boolean;
  readonly intakes: ReadonlyMap<Service, Intake>;
  readonly works: ReadonlyMap<RecipeId, Work>;
  readonly runs: ReadonlyMap<Service, Runs>;
  /** Files that a check holds back, by the service that would read them. */
  readonly held: ReadonlyMap<Service, ReadonlyMap<string, Held>>;
  /** How many jobs there were, by service and kind. */
  readonly jobs: ReadonlyMap<string, number>;
  /** Hooks that are to be carried out once more, as soon as they are over. */
  readonly pending: ReadonlyMap<RecipeId, Failure | undefined>;
  /** With `--once`: services that have passed. */
  readonly passed: ReadonlySet<Service>;
}

export const emptyHouse: House = {
  life: { is: "living" },
  mark: firstMark,
  isPaused: false,
  intakes: new Map(),
  works: new Map(),
  runs: new Map(),
  held: new Map(),
  jobs: new Map(),
  pending: new Map(),
  passed: new Set(),
};

export const intakeOf = (house: House, service: Service): Intake => house.intakes.get(service) ?? firstIntake;
export const workOf = (house: House, recipe: RecipeId): Work => house.works.get(recipe) ?? noWork;
export const runsOf = (house: House, service: Service): Runs => house.runs.get(service) ?? noRuns;

/** Of a service that is in force no more: it has nothing to decide. */
const bare: ServicePlan = {
  runs: false,
  steps: [],
  after: [],
  checked: false,
  debounce: "auto",
  maxWaitMs: 0,
  onFail: "keep",
  onExit: "wait",
  onChange: "restart",
  swap: "stop-first",
  keepOldMs: 0,
};

export const planOf = ({ plan }: Now, service: Service): ServicePlan => plan.services.get(service) ?? bare;

/** What a fact comes to, as far as it is known. */
export interface Step {
  readonly house: House;
  readonly orders: readonly Order[];
  readonly news: readonly News[];
}

/** When it is, and what decides. */
export interface Now {
  readonly at: number;
  readonly plan: Plan;
}

export const unchanged = (house: House): Step => ({ house, orders: [], news: [] });

export const ordering = (step: Step, ...orders: readonly Order[]): Step => ({
  ...step,
  orders: [...step.orders, ...orders],
});

export const telling = (step: Step, ...news: readonly News[]): Step => ({ ...step, news: [...step.news, ...news] });

/** One step after another: the house of the second, what both want. */
export function andThen(first: Step, next: (house: House) => Step): Step {
  const second = next(first.house);
  return {
    house: second.house,
    orders: [...first.orders, ...second.orders],
    news: [...first.news, ...second.news],
  };
}

/** The same for each of these, one after another. */
export const forEach = <T>(first: Step, all: Iterable<T>, next: (house: House, one: T) => Step): Step => {
  let step = first;
  for (const one of all) step = andThen(step, (house) => next(house, one));
  return step;
};

const put = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map(map).set(key, value);

export const withIntake = (house: House, service: Service, intake: Intake): House =>
  intakeOf(house, service) === intake ? house : { ...house, intakes: put(house.intakes, service, intake) };

export const withWork = (house: House, recipe: RecipeId, work: Work): House =>
  workOf(house, recipe) === work ? house : { ...house, works: put(house.works, recipe, work) };

export const withRuns = (house: House, service: Service, runs: Runs): House =>
  runsOf(house, service) === runs ? house : { ...house, runs: put(house.runs, service, runs) };

export const heldOf = (house: House, service: Service): ReadonlyMap<string, Held> => house.held.get(service) ?? nothing;

export const withHeld = (house: House, service: Service, held: ReadonlyMap<string, Held>): House =>
  heldOf(house, service).size === 0 && held.size === 0 ? house : { ...house, held: put(house.held, service, held) };

export const withJobs = (house: House, counter: string, count: number): House => ({
  ...house,
  jobs: put(house.jobs, counter, count),
});
