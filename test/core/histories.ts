/** Random histories over four services at most: what a world could tell next, and what people do meanwhile. */
import fc from "fast-check";
import { asking, type Verdict } from "../../src/core/demand.ts";
import type { Plan, Recipe, Service } from "../../src/core/types.ts";
import { defaults, type Settings, serviceOf } from "./plans.ts";
import { possible, tell, type World } from "./world.ts";

export const settings: fc.Arbitrary<Partial<Settings>> = fc.record({
  builds: fc.boolean(),
  debounce: fc.constantFrom<Settings["debounce"]>("auto", 0, 300),
  onChange: fc.constantFrom<Settings["onChange"]>("restart", "finish"),
  onRunChange: fc.constantFrom<Settings["onRunChange"]>("restart", "restart", "finish"),
  onFail: fc.constantFrom<Settings["onFail"]>("keep", "stop"),
  onExit: fc.constantFrom<Settings["onExit"]>("wait", "restart", "restart-on-failure", "quit"),
  swap: fc.constantFrom<Settings["swap"]>("stop-first", "start-first"),
  keepOldMs: fc.constantFrom(0, 5_000),
  postpone: fc.boolean(),
});

const build = (service: Service, onChange: Settings["onChange"]): Recipe => ({
  kind: "build",
  service,
  onChange,
  products: [],
  isOptional: false,
});

/** `api` and `web` share a build, before which `web` carries out a hook; `worker` has one of its own behind a rule, `db` has none; some are after others. */
export const houses: fc.Arbitrary<Plan> = fc
  .tuple(settings, settings, settings, settings, fc.boolean())
  .map(([api, web, worker, db, isOrdered]) => ({
    services: new Map([
      ["api", serviceOf(api, ["shared"], isOrdered ? ["db"] : [])],
      ["web", serviceOf(web, ["hook", "shared"], isOrdered ? ["api"] : [])],
      [
        "worker",
        { ...serviceOf(worker, []), steps: [{ recipe: "gen", rule: "gen", atStart: true }, { recipe: "own" }] },
      ],
      ["db", serviceOf(db, [])],
    ]),
    recipes: new Map<string, Recipe>([
      ["shared", build("", api.onChange ?? defaults.onChange)],
      ["hook", { ...build("web", "finish"), kind: "hook" }],
      ["own", build("worker", worker.onChange ?? defaults.onChange)],
      ["gen", { ...build("worker", "finish"), kind: "rule" }],
    ]),
    commandGiven: false,
    postpone: api.postpone ?? false,
    once: false,
  }));

/** One move of a random history: which of the possible facts, or what somebody from outside does. */
export interface Move {
  readonly dice: number;
  readonly pick: number;
  readonly waitMs: number;
  readonly verdict: Verdict;
  readonly empty: boolean;
}

export const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    dice: fc.integer({ min: 0, max: 99 }),
    pick: fc.nat(1_000),
    waitMs: fc.constantFrom(0, 0, 1, 7, 80, 700, 3_000, 11_000),
    verdict: fc.constantFrom<Verdict>("rebuild", "rebuild", "restart"),
    empty: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

/** Numbers of paths are never used twice, so that what became of each can be told. */
let paths = 0;

/** A new path, for one service or several. */
export function someChange(
  world: World,
  { pick, verdict, empty }: Move,
): ReadonlyMap<Service, { demand: ReturnType<typeof asking>; empty: boolean }> {
  const services = [...world.plan.services.keys()];
  paths += 1;
  const path = `p${paths}`;
  const whose = services.filter((_, index) => services.length === 1 || ((pick >> index) & 1) === 1);
  return new Map(
    (whose.length > 0 ? whose : services).map((service) => [service, { demand: asking(verdict, [path]), empty }]),
  );
}

export interface Freedom {
  readonly quits?: boolean;
  /** Stops, starts and pauses. */
  readonly asks?: boolean;
}

export function play(world: World, move: Move, { quits = false, asks = false }: Freedom = {}): void {
  const { dice, pick, waitMs } = move;
  world.at += waitMs;
  const facts = possible(world);
  const services = [...world.plan.services.keys()];
  const [one = ""] = services.slice(pick % services.length);
  if (dice < 25) tell(world, { type: "changed", changes: someChange(world, move) });
  else if (dice < 30 && world.looks > 0) tell(world, { type: "looked", changes: someChange(world, move), busy: false });
  else if (dice < 33) tell(world, { type: "configured", changes: someChange(world, move) });
  else if (dice < 36 && quits) tell(world, { type: "quitAsked", code: 130 });
  else if (dice < 40 && asks) {
    const verbs = ["restart", "rebuild", "stop", "start"] as const;
    if (pick % 6 < 4) tell(world, { type: "asked", verb: verbs[pick % 4] ?? "restart", services: [one] });
    else tell(world, { type: pick % 6 === 4 ? "paused" : "resumed" });
  } else {
    const fact = facts[pick % Math.max(1, facts.length)];
    if (fact !== undefined) tell(world, fact);
  }
}
