/** Rules that start each other, and somebody who saves while rules run: the one is stopped and named, nothing of the other is lost. */
import { expect, test } from "vitest";
import type { Demand } from "../../src/core/demand.ts";
import { intakeOf } from "../../src/core/house.ts";
import type { News, Plan, Recipe } from "../../src/core/types.ts";
import { planOf } from "./plans.ts";
import { found, newWorld, tell, type World } from "./world.ts";

/** Each with a build behind it. */
function ruled(names: readonly string[]): Plan {
  const plan = planOf();
  const [service] = plan.services.values();
  if (service === undefined) throw new Error("no service");
  const steps = names.map((name) => ({ recipe: `rule ${name}`, rule: `/${name}`, atStart: false }));
  return {
    ...plan,
    services: new Map([["", { ...service, steps: [...steps, ...service.steps] }]]),
    recipes: new Map<string, Recipe>([
      ...plan.recipes,
      ...names.map(
        (label) =>
          [
            `rule ${label}`,
            { kind: "rule", service: "", label, onChange: "finish", products: [], isOptional: false },
          ] as const,
      ),
    ]),
  };
}

const asked = (path: string, rule: string): Demand => new Map([[path, { verdict: "rebuild", rule: `/${rule}` }]]);

interface Tally {
  readonly ran: string[];
  readonly news: News[];
}

/** All that is under way comes to its end; `during` is what changes while a rule runs: its output, or somebody's saves. */
function live(world: World, during: (rule: string, round: number) => Demand | undefined): Tally {
  const tally: Tally = { ran: [], news: [] };
  const rounds = new Map<string, number>();
  const hear = (happening: Parameters<typeof tell>[1]): void => {
    tally.news.push(...tell(world, happening).news);
  };
  for (let facts = 0; facts < 200; facts += 1) {
    const [job] = world.jobs.values();
    const timer = [...world.timers.values()].sort((a, b) => a.at - b.at)[0];
    const starting = [...world.runs.values()].find((run) => !run.ready && !run.stopOrdered);
    const stopping = [...world.runs.values()].find((run) => run.stopOrdered);
    if (world.looks > 0) hear({ type: "looked", changes: new Map(), busy: false });
    else if (job !== undefined) {
      const name = job.recipe.replace(/^rule /, "");
      tally.ran.push(name);
      const round = (rounds.get(name) ?? 0) + 1;
      rounds.set(name, round);
      world.at += 100;
      const written = during(name, round);
      if (written !== undefined) hear({ type: "changed", changes: found(written) });
      hear({ type: "jobEnded", job: job.job, result: { is: "ok" } });
    } else if (stopping !== undefined) hear({ type: "runGone", job: stopping.job });
    else if (starting !== undefined) hear({ type: "runReady", job: starting.job });
    else if (timer !== undefined) {
      world.at = Math.max(world.at, timer.at);
      hear({ type: "elapsed", timer: timer.timer, service: timer.service });
    } else return tally;
  }
  throw new Error(`never ends: ${tally.ran.join(" ")}`);
}

function begun(names: readonly string[]): World {
  const world = newWorld(ruled(names));
  tell(world, { type: "started" });
  live(world, () => undefined);
  world.at += 10_000;
  return world;
}

function save(world: World, path: string, rule: string, during: Parameters<typeof live>[1]): Tally {
  const { news } = tell(world, { type: "changed", changes: found(asked(path, rule)) });
  const tally = live(world, during);
  world.at += 10_000;
  return { ...tally, news: [...news, ...tally.news] };
}

const pingPong = (rule: string): Demand | undefined =>
  rule === "a" ? asked("x.b", "b") : rule === "b" ? asked("y.a", "a") : undefined;

const circular = ({ news }: Tally): News[] => news.filter(({ type }) => type === "circular");

const maker = (label: string) => ({ kind: "rule", service: "", label });
const circleOf = (...labels: string[]) => ({
  circle: labels.map(maker),
  again: maker(labels[0] ?? ""),
  by: maker(labels.at(-1) ?? ""),
});

test("two rules that start each other run twice each, and are named once", () => {
  const world = begun(["a", "b"]);
  const first = save(world, "in.a", "a", pingPong);
  expect(first.ran).toEqual(["a", "b", "a", "b", "build"]);
  expect(first.news).toEqual([{ type: "circular", service: "", paths: ["y.a"], ...circleOf("a", "b") }]);
  const second = save(world, "in.a", "a", pingPong);
  expect(second.ran).toEqual(["a", "b", "a", "b", "build"]);
  expect(second.news).toEqual([]);
  expect(intakeOf(world.house, "").owed.size).toBe(0);
});

test("in a circle of three, all of them are named in their order", () => {
  const next: Record<string, Demand> = { a: asked("1.b", "b"), b: asked("2.c", "c"), c: asked("3.a", "a") };
  const tally = save(begun(["a", "b", "c"]), "in.a", "a", (rule) => next[rule]);
  expect(tally.ran).toEqual(["a", "b", "c", "a", "b", "c", "build"]);
  expect(circular(tally)).toEqual([{ type: "circular", service: "", paths: ["3.a"], ...circleOf("a", "b", "c") }]);
});

test("a circle that goes through the file that was saved by hand is given a second cycle, and is named then", () => {
  const world = begun(["a", "b"]);
  const tally = save(world, "y.a", "a", pingPong);
  expect(tally.ran).toEqual([...["a", "b", "a", "b", "build"], ...["a", "b", "a", "b", "build"]]);
  expect(circular(tally)).toEqual([{ type: "circular", service: "", paths: ["y.a"], ...circleOf("a", "b") }]);
});

test("files with another name each time are named after a second cycle", () => {
  const world = begun(["a", "b"]);
  const tally = save(world, "in.a", "a", (rule, round) =>
    rule === "a" ? asked(`${round}.b`, "b") : rule === "b" ? asked(`${round}.a`, "a") : undefined,
  );
  expect(tally.ran.filter((name) => name === "build")).toHaveLength(2);
  expect(circular(tally)).toMatchObject([circleOf("a", "b")]);
});

test("somebody who saves while another rule runs has each save in a rule that was begun after it", () => {
  const world = begun(["a", "b"]);
  // `a` writes what starts `b`; he saves the source of `a` each time that `b` runs, which takes long.
  const tally = save(world, "in.a", "a", (rule, round) =>
    rule === "a" ? asked("x.b", "b") : rule === "b" && round <= 2 ? asked("in.a", "a") : undefined,
  );
  expect(tally.ran).toEqual(["a", "b", "a", "b", "build", "a", "b", "build"]);
  expect(tally.news).toEqual([]);
});

test("two rules of which the second comes to an end by itself are not named", () => {
  const tally = save(begun(["a", "b"]), "in.a", "a", (rule, round) =>
    rule === "a" ? asked("x.b", "b") : rule === "b" && round === 1 ? asked("y.a", "a") : undefined,
  );
  expect(tally.ran).toEqual(["a", "b", "a", "b", "build"]);
  expect(tally.news).toEqual([]);
});

test("an edit of the configuration has them named anew", () => {
  const world = begun(["a", "b"]);
  save(world, "in.a", "a", pingPong);
  tell(world, { type: "configured", changes: found(asked("", "")) });
  live(world, () => undefined);
  expect(circular(save(world, "in.a", "a", pingPong))).toHaveLength(1);
});
