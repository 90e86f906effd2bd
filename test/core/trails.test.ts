/** Hooks and services that call for each other: named, and where nobody could be meant by it, stopped. */
import { describe, expect, test } from "vitest";
import type { Demand } from "../../src/core/demand.ts";
import { intakeOf } from "../../src/core/house.ts";
import { firstIntake, type Intake, type Owed } from "../../src/core/stage.ts";
import { leftAlone } from "../../src/core/trails.ts";
import type { News, Plan, Recipe } from "../../src/core/types.ts";
import { serviceOf } from "./plans.ts";
import { change, newWorld, tell, type World } from "./world.ts";

const recipe = (kind: Recipe["kind"], service: string, label: string): Recipe => ({
  kind,
  service,
  label,
  onChange: "finish",
  products: [],
  isOptional: false,
});

/** Each with a rule `a` or `b` of its own, and a hook that comes when it is ready. */
const two: Plan = {
  services: new Map(
    ["a", "b"].map((name) => [
      name,
      {
        ...serviceOf({}, []),
        steps: [{ recipe: `rule ${name}`, rule: name, atStart: false }],
        afterReady: `hook ${name}`,
      },
    ]),
  ),
  recipes: new Map(
    ["a", "b"].flatMap((name) => [
      [`rule ${name}`, recipe("rule", name, `*.${name}`)] as const,
      [`hook ${name}`, recipe("hook", name, "after_ready")] as const,
    ]),
  ),
  commandGiven: false,
  postpone: false,
  once: false,
};

interface Written {
  readonly service: string;
  readonly demand: Demand;
}

interface Lived {
  readonly ran: string[];
  readonly news: News[];
}

/**
 * All that is under way comes to its end, as long as there is something.
 * @param during what changes while a job runs
 * @param lastsMs how long a job goes on after that; 0: it ends in the same moment
 */
function live(world: World, during: (recipe: string, round: number) => Written | undefined, lastsMs = 0): Lived {
  const lived: Lived = { ran: [], news: [] };
  const rounds = new Map<string, number>();
  const endings: { at: number; end: () => void }[] = [];
  const begun = new Set<string>();
  const hear = (happening: Parameters<typeof tell>[1]): void => {
    lived.news.push(...tell(world, happening).news);
  };
  for (let facts = 0; facts < 1_000; facts += 1) {
    const fresh = [...world.jobs].find(([name]) => !begun.has(name));
    const timer = [...world.timers.values()].sort((a, b) => a.at - b.at)[0];
    const starting = [...world.runs.values()].find((run) => !run.ready && !run.stopOrdered);
    const stopping = [...world.runs.values()].find((run) => run.stopOrdered);
    const ending = endings.sort((a, b) => a.at - b.at)[0];
    if (world.looks > 0) hear({ type: "looked", changes: new Map(), busy: false });
    else if (fresh !== undefined) {
      const [name, { job, recipe: text }] = fresh;
      begun.add(name);
      lived.ran.push(text);
      const round = (rounds.get(text) ?? 0) + 1;
      rounds.set(text, round);
      const written = during(text, round);
      if (written !== undefined)
        hear({ type: "changed", changes: new Map([[written.service, { demand: written.demand, empty: false }]]) });
      endings.push({ at: world.at + lastsMs, end: () => hear({ type: "jobEnded", job, result: { is: "ok" } }) });
    } else if (stopping !== undefined) hear({ type: "runGone", job: stopping.job });
    else if (starting !== undefined) hear({ type: "runReady", job: starting.job });
    else if (ending !== undefined && ending.at <= (timer?.at ?? Number.POSITIVE_INFINITY)) {
      world.at = Math.max(world.at, ending.at);
      endings.splice(endings.indexOf(ending), 1);
      ending.end();
    } else if (timer !== undefined) {
      world.at = Math.max(world.at, timer.at);
      hear({ type: "elapsed", timer: timer.timer, service: timer.service });
    } else return lived;
    if (lived.ran.length > 60) return lived;
  }
  throw new Error(`never ends: ${lived.ran.join(" ")}`);
}

function begun(plan = two): World {
  const world = newWorld(plan);
  tell(world, { type: "started" });
  live(world, () => undefined);
  world.at += 60_000;
  return world;
}

const asking = (path: string, rule: string): Demand => new Map([[path, { verdict: "rebuild", rule }]]);
const saved = (world: World, service: string, demand: Demand): void => {
  tell(world, { type: "changed", changes: new Map([[service, { demand, empty: false }]]) });
};
const count = (ran: readonly string[], what: string): number => ran.filter((one) => one === what).length;

describe("two services whose rules write what the other one's matches", () => {
  const pingPong = (text: string): Written | undefined =>
    text === "rule a"
      ? { service: "b", demand: asking("x.b", "b") }
      : text === "rule b"
        ? { service: "a", demand: asking("y.a", "a") }
        : undefined;

  test("are stopped, and both are named, with the file and the rule that would run again", () => {
    const world = begun();
    saved(world, "a", asking("in.a", "a"));
    const { ran, news } = live(world, pingPong);
    expect(count(ran, "rule a")).toBeLessThanOrEqual(5);
    const a = { kind: "rule", service: "a", label: "*.a" };
    const b = { kind: "rule", service: "b", label: "*.b" };
    expect(news).toEqual([{ type: "circular", service: "b", paths: ["x.b"], circle: [b, a], by: a, again: b }]);
    world.at += 60_000;
    saved(world, "a", asking("in.a", "a"));
    const again = live(world, pingPong);
    expect(count(again.ran, "rule a")).toBeLessThanOrEqual(5);
    expect(again.news).toEqual([]);
    for (const name of ["a", "b"]) expect(intakeOf(world.house, name).owed.size).toBe(0);
  });

  test("serve when they are stopped: a start that was held up for what is left comes after all", () => {
    const owed: Owed = new Map([["x.b", { verdict: "rebuild", rule: "b", mark: 1, since: 1, trail: ["rule a"] }]]);
    const waiting: Intake = { ...firstIntake, owed, stage: { is: "looking" } };
    for (const isVacated of [false, true]) {
      const { intake, asks } = leftAlone(waiting, ["rule b", "rule a"], isVacated);
      expect(intake.owed.size).toBe(0);
      expect(asks.map(({ ask }) => ask)).toEqual(isVacated ? ["circular", "make"] : ["circular"]);
      expect(intake.stage).toMatchObject(
        isVacated ? { is: "working", taken: new Map([["x.b", { verdict: "restart" }]]) } : { is: "resting" },
      );
    }
  });

  test("one that only starts the other is not named, however often it is saved", () => {
    const world = begun();
    for (let round = 0; round < 10; round += 1) {
      saved(world, "a", asking("in.a", "a"));
      const { ran, news } = live(world, (text) => (text === "rule a" ? pingPong(text) : undefined));
      expect([count(ran, "rule a"), count(ran, "rule b"), news]).toEqual([1, 1, []]);
      world.at += 1_000;
    }
  });

  test("somebody who saves what is for one while the other makes something loses nothing", () => {
    const world = begun();
    // Of a rule that has never run it is not known what it writes.
    for (const name of ["a", "b"]) saved(world, name, asking(`in.${name}`, name));
    live(world, () => undefined);
    let saves = 0;
    let most = 0;
    // Now what is for the other one, and now what is for both.
    const save = (text: string): Written | undefined => {
      if (saves >= most || !text.startsWith("rule")) return undefined;
      saves += 1;
      const other = text === "rule a" ? "b" : "a";
      if (saves % 3 === 0) saved(world, text.at(-1) ?? "", asking(`${saves}`, text.at(-1) ?? ""));
      return { service: other, demand: asking(saves % 3 === 0 ? `${saves}` : `in.${other}`, other) };
    };
    for (let round = 0; round < 4; round += 1) {
      most += 8;
      saved(world, "a", asking("in.a", "a"));
      const { news } = live(world, save, 300);
      expect(news).toEqual([]);
      for (const [name, { fact }] of world.told) {
        const [service, path] = name.split(":");
        expect(world.made.get(`rule ${service}:${path}`) ?? 0, name).toBeGreaterThan(fact);
      }
      world.at += 60_000;
    }
    expect(saves).toBe(32);
  });
});

test("somebody who saves what is for both of two services during all of their builds is not taken for one of them", () => {
  const built: Plan = {
    ...two,
    services: new Map(["a", "b"].map((name) => [name, serviceOf({}, [`build ${name}`])])),
    recipes: new Map(["a", "b"].map((name) => [`build ${name}`, recipe("build", name, "")] as const)),
  };
  const world = newWorld(built);
  tell(world, { type: "started" });
  const news: News[] = [];
  let saves = 0;
  const both = (): void => {
    saves += 1;
    const changed = { demand: change([`${saves}.txt`]), empty: false };
    const changes = new Map(["a", "b"].map((name) => [name, changed] as const));
    news.push(...tell(world, { type: "changed", changes }).news);
  };
  const { news: others } = live(
    world,
    (text, round) => {
      if (round <= 8 && text === "build b") both();
      return undefined;
    },
    3_000,
  );
  expect([...news, ...others]).toEqual([]);
  for (const [name, { fact }] of world.told) {
    const [service, path] = name.split(":");
    expect(world.made.get(`build ${service}:${path}`) ?? 0, name).toBeGreaterThan(fact);
  }
});

describe("a hook that writes what is watched when a run is ready", () => {
  const writes = (text: string): Written | undefined =>
    text === "hook a" ? { service: "a", demand: change(["made.txt"]) } : undefined;

  test("is named when it has done so three times, and waits a second from the tenth time on", () => {
    const world = begun();
    saved(world, "a", change(["main.txt"]));
    const { ran, news } = live(world, (text, round) => (round > 12 ? undefined : writes(text)));
    expect(count(ran, "hook a")).toBe(13);
    expect(news).toEqual([
      {
        type: "hooked",
        service: "a",
        paths: ["made.txt"],
        by: { kind: "hook", service: "a", label: "after_ready" },
      },
    ]);
    // Nothing else takes any time here.
    expect(world.at).toBeGreaterThan(62_000);
  });

  test("is named as well where it takes a while to end", () => {
    const world = begun();
    saved(world, "a", change(["main.txt"]));
    const { news } = live(world, (text, round) => (round > 12 ? undefined : writes(text)), 300);
    expect(news.filter(({ type }) => type === "hooked")).toHaveLength(1);
  });

  test("is not meant by somebody who saves while it is under way", () => {
    const world = begun();
    saved(world, "a", change(["main.txt"]));
    const { ran, news } = live(world, (text, round) => (round > 12 ? undefined : writes(text)), 700);
    expect(count(ran, "hook a")).toBeGreaterThan(10);
    expect(news.filter(({ type }) => type === "hooked")).toEqual([]);
  });

  test("is not meant by what only reads, and ends with each save", () => {
    const looking = recipe("hook", "a", "after_ready");
    const world = begun({ ...two, recipes: new Map(two.recipes).set("hook a", { ...looking, onlyReads: true }) });
    saved(world, "a", change(["main.txt"]));
    const { ran, news } = live(world, (text, round) => (round > 12 ? undefined : writes(text)), 300);
    expect(count(ran, "hook a")).toBeGreaterThan(10);
    expect(news).toEqual([]);
  });
});
