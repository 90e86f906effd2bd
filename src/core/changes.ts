/** What becomes of a change before it is owed: who wrote it, and whether it counts. */

import type { Signs } from "./burst.ts";
import { sightOf, turnIntake } from "./cycle.ts";
import { type Demand, isNothing, nothing, pathsOf } from "./demand.ts";
import {
  andThen,
  forEach,
  type House,
  intakeOf,
  type Now,
  planOf,
  type Step,
  telling,
  unchanged,
  withIntake,
  withWork,
  workOf,
} from "./house.ts";
import { change, collect, joined } from "./intake.ts";
import { changedAtRest, changedBefore, changedDuringBuild, isLeftOut, isSavedBeside, mute, provenBy } from "./loop.ts";
import { nextStep, takenBy } from "./needs.ts";
import type { Owed } from "./stage.ts";
import { makerOf } from "./trails.ts";
import type { CycleStep, RecipeId, Service } from "./types.ts";
import { isUnderWay } from "./work.ts";

/** Changes for one service, as they come. */
export function accept(house: House, service: Service, all: Demand, signs: Signs, now: Now): Step {
  if (isNothing(all)) return unchanged(house);
  const steps = planOf(now, service).steps.filter(({ recipe }) => canWrite(recipe, now));
  const noticed = forEach(unchanged(house), steps, (next, step) => notice(next, service, step, all, signs, now));
  return andThen(noticed, (next) => {
    const demand = without(next, all, steps, now);
    if (isNothing(demand)) return unchanged(next);
    const step = nextStep(next, service, now.plan);
    const work = step === undefined ? undefined : workOf(next, step.recipe);
    if (step !== undefined && work?.is === "running" && isCheck(step, now) && !signs.atOnce)
      return duringCheck(next, service, step, demand, signs, now);
    if (step?.rule !== undefined && work?.is === "running" && !signs.atOnce)
      return duringRule(next, service, step, demand, signs, now);
    return come(next, service, demand, signs, now);
  });
}

function come(house: House, service: Service, demand: Demand, signs: Signs, now: Now): Step {
  const sight = sightOf(house, service, now);
  const turned = change(intakeOf(house, service), demand, signs, now.at, planOf(now, service), sight);
  return turnIntake(house, service, now, turned);
}

const isCheck = ({ recipe }: CycleStep, { plan }: Now): boolean => plan.recipes.get(recipe)?.kind === "check";

/** While a check looks at files: what is saved of them meanwhile belongs to the same look, which is not over before they are at rest. */
function duringCheck(house: House, service: Service, step: CycleStep, demand: Demand, signs: Signs, now: Now): Step {
  const own = new Map([...demand].filter(([, asked]) => asked.rule === step.rule));
  const others = new Map([...demand].filter(([path]) => !own.has(path)));
  const next = withIntake(house, service, joined(intakeOf(house, service), own, sightOf(house, service, now)));
  return isNothing(others) ? unchanged(next) : come(next, service, others, signs, now);
}

/** A check only reads. */
const canWrite = (recipe: RecipeId, { plan }: Now): boolean => {
  const kind = plan.recipes.get(recipe)?.kind;
  return kind !== undefined && kind !== "check";
};

/** Who changes while this is made, and only then? */
function notice(
  house: House,
  service: Service,
  { recipe, rule }: CycleStep,
  all: Demand,
  signs: Signs,
  { plan }: Now,
): Step {
  const work = workOf(house, recipe);
  // What a rule writes makes sources: only what would start it again is of interest.
  const own = rule === undefined ? all : new Map([...all].filter(([, asked]) => asked.rule === rule));
  const paths = pathsOf(own);
  if (!isUnderWay(work)) {
    const loops = signs.isFirst === true ? changedBefore(work.loops, paths) : changedAtRest(work.loops, paths);
    return unchanged(withWork(house, recipe, { ...work, loops }));
  }
  const loops = changedDuringBuild(work.loops, paths);
  const proven = provenBy(loops);
  if (proven.length === 0) return unchanged(withWork(house, recipe, { ...work, loops }));
  const muted = withWork(house, recipe, { ...work, loops: mute(loops, proven) });
  return telling(unchanged(muted), {
    type: "muted",
    service,
    by: makerOf(recipe, plan),
    paths: proven,
  });
}

/** Without what is left out while a job is under way that writes it. */
function without(house: House, demand: Demand, steps: readonly CycleStep[], { plan }: Now): Demand {
  const active = steps.flatMap(({ recipe }) => {
    const work = workOf(house, recipe);
    return isUnderWay(work) ? [{ loops: work.loops, products: plan.recipes.get(recipe)?.products ?? [] }] : [];
  });
  if (active.length === 0) return demand;
  const counts = (path: string): boolean =>
    path === "" || active.every(({ loops, products }) => !isLeftOut(loops, path) && !products.includes(path));
  const rest = new Map([...demand].filter(([path]) => counts(path)));
  return rest.size === 0 ? nothing : rest;
}

/** Somebody may save one file after the other while its rule runs; a rule that goes on so writes them itself. */
const manyLeftOvers = 5;

/**
 * While a rule runs. What it writes joins the cycle that it runs for, and never starts it again. A file that it was
 * started for may have been saved once more by somebody, and so may any other that it has left alone the last time: it
 * is asked for again, in the next cycle.
 */
function duringRule(before: House, service: Service, step: CycleStep, demand: Demand, signs: Signs, now: Now): Step {
  const taken = takenBy(before, service);
  const isOf = (asked: Owed | Demand, path: string): boolean => asked.get(path)?.rule === step.rule;
  const { loops } = workOf(before, step.recipe);
  const beside = [...demand.keys()].filter(
    (path) => isOf(demand, path) && !isOf(taken, path) && isSavedBeside(loops, path),
  );
  const caught = selfFed(before, service, step, beside, now);
  const { house } = caught;
  const isSomebodys = new Set(caught.news.length > 0 ? [] : beside);
  const isAgain = (path: string): boolean => isOf(demand, path) && (isOf(taken, path) || isSomebodys.has(path));
  const again = new Map([...demand].filter(([path]) => isAgain(path)));
  const written = new Map(
    [...demand]
      .filter(([path]) => !isAgain(path))
      .map(([path, asked]) => [path, asked.rule === step.rule ? { verdict: asked.verdict } : asked]),
  );
  const sight = sightOf(house, service, now);
  const intake = joined(intakeOf(house, service), written, sight, step.rule);
  if (again.size === 0) return { ...caught, house: withIntake(house, service, intake) };
  const collected = collect(intake, again, signs, now.at, sight);
  const leftOver = new Set([...intake.leftOver, ...isSomebodys]);
  return { ...caught, house: withIntake(house, service, { ...collected, leftOver }) };
}

/** It writes what it is for under another name each time: named once, and not carried out for it any more. */
function selfFed(house: House, service: Service, { recipe }: CycleStep, paths: readonly string[], now: Now): Step {
  const { stage } = intakeOf(house, service);
  if (paths.length === 0 || stage.is !== "working" || stage.leftOvers < manyLeftOvers) return unchanged(house);
  const work = workOf(house, recipe);
  const maker = makerOf(recipe, now.plan);
  return telling(unchanged(withWork(house, recipe, { ...work, loops: { ...work.loops, isSelfFed: true } })), {
    type: "circular",
    service,
    paths,
    circle: [maker],
    by: maker,
    again: maker,
  });
}
