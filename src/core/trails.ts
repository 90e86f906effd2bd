/**
 * Who calls for whom. What changes for a service that makes nothing, while a hook beside a cycle or a job of another service is under
 * way, may be the work of that one. A cycle that is called for by nothing else goes on the trail of the cycle that the job belongs
 * to: one that has the same job on it again and again goes in a circle. Jobs in a circle are stopped and named. Whoever saves as soon
 * as a program is ready looks like a hook, so that hooks are named and slowed down.
 */
import { type House, intakeOf, withIntake, workOf } from "./house.ts";
import { busyWith } from "./needs.ts";
import { asMade, type Callers, type Intake, type IntakeTurn, type Owed, type Trail, turn, workOn } from "./stage.ts";
import type { Maker, News, Plan, RecipeId, Service } from "./types.ts";
import { isUnderWay } from "./work.ts";

const longestTrail = 40;
/** Nobody saves so often while another service makes something, and only what is for the one that makes nothing. */
const enoughJobs = 4;
const enoughHooks = 3;
const manyHooks = 10;
const delayedMs = 1_000;
/** From what a hook writes last to its end, where many things are going on. */
const soonMs = 500;

/** On whose trail a change of this moment is for this service; `undefined`: on nobody's. */
export function trailNow(house: House, service: Service, plan: Plan): Trail | undefined {
  if (busyWith(house, service, plan) !== undefined) return undefined;
  const own = plan.services.get(service)?.steps ?? [];
  let shortest: Trail | undefined;
  for (const [name, servicePlan] of plan.services) {
    const steps = servicePlan.steps.flatMap(({ recipe }) =>
      own.some((step) => step.recipe === recipe) ? [] : [recipe],
    );
    for (const recipe of [...steps, servicePlan.afterReady, servicePlan.afterFail]) {
      if (recipe === undefined || !isUnderWay(workOf(house, recipe))) continue;
      const { kind, onlyReads } = plan.recipes.get(recipe) ?? {};
      if (kind === "check" || onlyReads === true) continue;
      const { trail } = intakeOf(house, name);
      if (shortest === undefined || trail.length < shortest.length) shortest = [...trail, recipe];
    }
  }
  return shortest?.slice(-longestTrail);
}

const isBeside = (recipe: RecipeId, { services }: Plan): boolean =>
  [...services.values()].some(({ afterReady, afterFail }) => recipe === afterReady || recipe === afterFail);

/** A cycle begins, called for by these. What has failed before is not what calls for it. */
export function callersOf(house: House, service: Service, owed: Owed, plan: Plan): Callers {
  const trail = shortestOf(owed);
  const last = trail.at(-1);
  const isHook = last !== undefined && isBeside(last, plan);
  if (last === undefined) return { trail: [], is: "nobody" };
  const work = workOf(house, last);
  const hook = isHook && isUnderWay(work) ? work.job.number : undefined;
  // It may call once each time that it is carried out.
  if (hook !== undefined && intakeOf(house, service).doubt?.hook === hook) return { trail: [], is: "nobody" };
  const times = trail.filter((recipe) => recipe === last).length;
  if (isHook) return { trail, is: times === enoughHooks ? "hook" : "nobody", ...(hook === undefined ? {} : { hook }) };
  return { trail, is: times >= enoughJobs ? "circle" : "nobody" };
}

/** A hook is over. Somebody may have saved while it was under way; what it writes itself comes hardly long before. */
export function cleared(house: House, recipe: RecipeId, hook: number, at: number): House {
  let next = house;
  for (const [service, intake] of house.intakes) {
    const { trail, doubt } = intake;
    if (trail.at(-1) !== recipe || doubt?.hook !== hook) continue;
    const isIts = at - doubt.at <= soonMs;
    next = withIntake(next, service, { ...intake, trail: isIts ? trail : [], doubt: undefined });
  }
  return next;
}

/** How long a hook has to wait before what it calls for is done, after many times. */
export function slowedMs(owed: Owed, plan: Plan): number {
  const trail = shortestOf(owed);
  const last = trail.at(-1);
  if (last === undefined || !isBeside(last, plan)) return 0;
  return trail.filter((recipe) => recipe === last).length >= manyHooks ? delayedMs : 0;
}

function shortestOf(owed: Owed): Trail {
  let shortest: Trail | undefined;
  for (const { trail, isOld } of owed.values()) {
    if (isOld === true) continue;
    if (trail === undefined) return [];
    if (shortest === undefined || trail.length < shortest.length) shortest = trail;
  }
  return shortest ?? [];
}

/** Without what has failed before. */
export const newPaths = (owed: Owed): string[] =>
  [...owed].flatMap(([path, { isOld }]) => (path === "" || isOld === true ? [] : [path]));

/**
 * What jobs of several services call for in a circle is left; what has failed before waits for a change as ever. A start that was given
 * up for it comes after all: something must serve.
 */
export function leftAlone(intake: Intake, trail: Trail, isVacated: boolean): IntakeTurn {
  const all = [...intake.owed];
  const left = new Map(all.filter(([, { isOld }]) => isOld !== true));
  return turn(
    {
      ...intake,
      owed: new Map(all.filter(([, { isOld }]) => isOld === true)),
      burst: undefined,
      unansweredSince: undefined,
      stage: isVacated ? workOn(asMade(left), 0) : { is: "resting" },
      leftOver: new Set(),
      trail,
    },
    { ask: "circular", dropped: left },
    ...(isVacated ? [{ ask: "make" } as const] : []),
  );
}

/** What is told of a circle: who is in it, from one time that its last job was carried out to the next. */
export function circleNews(
  service: Service,
  paths: readonly string[],
  trail: Trail,
  rule: string | undefined,
  plan: Plan,
): News {
  const last = trail.at(-1) ?? "";
  const before = trail.slice(0, -1).lastIndexOf(last);
  const again = plan.services.get(service)?.steps.find((step) => step.rule !== undefined && step.rule === rule);
  return {
    type: "circular",
    service,
    paths,
    circle: trail.slice(before + 1).map((recipe) => makerOf(recipe, plan)),
    by: makerOf(last, plan),
    ...(again === undefined ? {} : { again: makerOf(again.recipe, plan) }),
  };
}

export function makerOf(recipe: RecipeId, { recipes }: Plan): Maker {
  const { kind, label, service } = recipes.get(recipe) ?? { kind: "build", service: "" };
  return { kind, service, ...(label === undefined ? {} : { label }) };
}
