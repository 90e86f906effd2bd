/** What a service needs: which step of its cycle comes next, what is made for it, whether it may start. Only reads. */
import type { PathDemand } from "./demand.ts";
import { type House, intakeOf, type Now, runsOf, workOf } from "./house.ts";
import { runsFace } from "./slots.ts";
import type { Owed, Stage } from "./stage.ts";
import type { CycleStep, Plan, RecipeId, Service } from "./types.ts";
import { hasMade, isUnderWay, type Mark } from "./work.ts";

/** A rule runs so often for one cycle at most, whatever other rules write. */
const maxRounds = 2;

/** Up to which change this step has to be made for what is taken; 0 where it is not needed. */
export function need({ rule, atStart }: CycleStep, taken: Owed): Mark {
  let most = 0;
  for (const [path, asked] of taken) {
    const isMeant =
      rule === undefined ? asked.verdict === "rebuild" : asked.rule === rule || (path === "" && atStart === true);
    if (isMeant && asked.mark > most) most = asked.mark;
  }
  return most;
}

/** What is made for it, or is made and waits for its start. */
export function takenBy(house: House, service: Service): Owed {
  const { stage } = intakeOf(house, service);
  return stage.is === "working" || stage.is === "due" ? stage.taken : new Map();
}

const stepsOf = (plan: Plan, service: Service): readonly CycleStep[] => plan.services.get(service)?.steps ?? [];

/** The first step that what is taken needs, and that is not made yet. */
export function nextStep(house: House, service: Service, plan: Plan): CycleStep | undefined {
  const { stage } = intakeOf(house, service);
  return stage.is === "working" ? nextOf(house, stage, stepsOf(plan, service)) : undefined;
}

function nextOf(
  house: House,
  { taken, rounds }: Extract<Stage, { is: "working" }>,
  steps: readonly CycleStep[],
): CycleStep | undefined {
  // What a rule writes may ask for one that comes before it: that one has its turn when this one is over.
  const isBegun = ({ recipe, rule }: CycleStep): boolean =>
    rule !== undefined && rounds.has(rule) && isUnderWay(workOf(house, recipe));
  const next = (step: CycleStep): boolean => {
    const mark = Math.max(need(step, taken), step.rule === undefined ? behindRules(house, taken, rounds, steps) : 0);
    if (mark === 0) return false;
    const work = workOf(house, step.recipe);
    if (isUnderWay(work)) return true;
    return !hasMade(work, mark) && (step.rule === undefined || (rounds.get(step.rule) ?? 0) < maxRounds);
  };
  return steps.find(isBegun) ?? steps.find(next);
}

/**
 * What a rule has made in this cycle is built with what comes after it, also where nobody watches it, and where what the
 * rule was carried out for was saved before the last build began.
 */
function behindRules(
  house: House,
  taken: Owed,
  rounds: ReadonlyMap<string, number>,
  steps: readonly CycleStep[],
): Mark {
  const asking = new Set([...taken.values()].flatMap(({ verdict, rule }) => (verdict === "rebuild" && rule) || []));
  const made = steps.filter(({ rule }) => rule !== undefined && asking.has(rule) && rounds.has(rule));
  return Math.max(0, ...made.map(({ recipe }) => workOf(house, recipe).good));
}

/** What a rule is asked for and is not carried out for any more: it has had its rounds in this cycle. */
export function leftOver(house: House, service: Service, plan: Plan): Owed {
  const { stage } = intakeOf(house, service);
  if (stage.is !== "working") return new Map();
  const { rounds, taken } = stage;
  const spent = stepsOf(plan, service).filter(({ rule }) => rule !== undefined && (rounds.get(rule) ?? 0) >= maxRounds);
  const isLeft = (asked: PathDemand & { readonly mark: Mark }): boolean =>
    spent.some(({ rule, recipe }) => asked.rule === rule && !hasMade(workOf(house, recipe), asked.mark));
  return new Map([...taken].filter(([, asked]) => isLeft(asked)));
}

/** Nothing has to be made for these, or it is made by now: a job that was ordered after they were told has them in it. */
export const isMade = (house: House, service: Service, owed: Owed, plan: Plan): boolean =>
  stepsOf(plan, service).every((step) => {
    const mark = need(step, owed);
    return mark === 0 || (step.rule === undefined && hasMade(workOf(house, step.recipe), mark));
  });

/** The recipe whose job is under way for this service now. */
export function busyWith(house: House, service: Service, plan: Plan): RecipeId | undefined {
  const step = nextStep(house, service, plan);
  return step !== undefined && isUnderWay(workOf(house, step.recipe)) ? step.recipe : undefined;
}

/** A command around the build is under way. It may end the run (`killall app`), and the start that follows replaces that. */
export function isDuringHook(house: House, service: Service, plan: Plan): boolean {
  const recipe = busyWith(house, service, plan);
  return recipe !== undefined && plan.recipes.get(recipe)?.kind === "hook";
}

export const usersOf = (recipe: RecipeId, plan: Plan): Service[] =>
  [...plan.services].flatMap(([service, { steps }]) => (steps.some((step) => step.recipe === recipe) ? [service] : []));

/** The recipe that keeps what is owed from being started. */
export const brokenRecipe = (house: House, service: Service, plan: Plan): RecipeId | undefined =>
  stepsOf(plan, service).find(({ recipe }) => workOf(house, recipe).is === "failed")?.recipe;

/** Services for which a job of this recipe is under way, or due next. */
export const waitingFor = (house: House, recipe: RecipeId, plan: Plan): Service[] =>
  usersOf(recipe, plan).filter((service) => nextStep(house, service, plan)?.recipe === recipe);

/** What it has asked for came after this job was begun, so that it is not in it. */
export const hasAskedSince = (house: House, service: Service, recipe: RecipeId, upTo: Mark, plan: Plan): boolean =>
  stepsOf(plan, service).some((step) => step.recipe === recipe && need(step, takenBy(house, service)) > upTo);

/** Somebody else is about to ask for this recipe as well: one job is enough for both, and comes after what either has to do before it. */
export function isAwaited(house: House, recipe: RecipeId, plan: Plan): boolean {
  return usersOf(recipe, plan).some((service) => {
    const { stage, owed } = intakeOf(house, service);
    if (stage.is === "working") return isOnTheWayTo(recipe, house, service, plan);
    if (stage.is !== "settling" && stage.is !== "looking") return false;
    return stepsOf(plan, service).some((step) => step.recipe === recipe && need(step, owed) > 0);
  });
}

/** It is at a step before this one, which it needs as well. */
function isOnTheWayTo(recipe: RecipeId, house: House, service: Service, plan: Plan): boolean {
  const steps = stepsOf(plan, service);
  const next = nextStep(house, service, plan);
  const at = next === undefined ? -1 : steps.indexOf(next);
  const later = at < 0 ? undefined : steps.slice(at + 1).find((step) => step.recipe === recipe);
  if (later === undefined) return false;
  const mark = need(later, takenBy(house, service));
  return mark > 0 && !hasMade(workOf(house, recipe), mark);
}

/** A start of it contains every change up to here. */
export function containedBy(house: House, service: Service): Mark {
  const { owed, stage } = intakeOf(house, service);
  let upTo = house.mark;
  for (const part of stage.is === "working" ? [owed, stage.taken] : [owed])
    for (const { since } of part.values()) upTo = Math.min(upTo, since - 1);
  return upTo;
}

// ── order among services ───────────────────────────────────────────────────────────────────────────────────────────

/** It serves, or has ended with 0 where nothing else was to be expected, or is made where there is nothing to run. */
export function isSatisfied(house: House, service: Service, { plan }: Now): boolean {
  const wanted = plan.services.get(service);
  if (wanted === undefined) return true;
  if (!wanted.runs)
    return wanted.steps.every((step) => step.rule !== undefined || hasMade(workOf(house, step.recipe), 1));
  const face = runsFace(runsOf(house, service));
  return face === "ready" || (face === "ended" && !wanted.checked);
}

export const isAllowedToStart = (house: House, service: Service, now: Now): boolean =>
  now.plan.services
    .get(service)
    ?.after.every((before) => isSatisfied(house, before, now) && !isMadeAnew(house, before, service)) ?? false;

/** What this one starts for has changed something there as well, and that is not made yet: it would find the old one. */
function isMadeAnew(house: House, before: Service, service: Service): boolean {
  const { stage, owed } = intakeOf(house, before);
  const asked =
    stage.is === "working" ? stage.taken : stage.is === "settling" || stage.is === "looking" ? owed : undefined;
  if (asked === undefined) return false;
  return [...takenBy(house, service).keys()].some((path) => path !== "" && asked.has(path));
}

/** Those that it is `after`, and that have failed. */
export function failedBefore(house: House, service: Service, now: Now): Service[] {
  const after = now.plan.services.get(service)?.after ?? [];
  return after.filter(
    (before) =>
      !isSatisfied(house, before, now) &&
      (runsFace(runsOf(house, before)) === "failed" ||
        stepsOf(now.plan, before).some((step) => workOf(house, step.recipe).is === "failed")),
  );
}
