/**
 * Files that a check has found wrong. Each drops out of what is made, and waits beside what is owed until it is looked at
 * again: because it changed, or its schema did, or because everything is asked for.
 */
import { greaterOf, nothing, type PathDemand } from "./demand.ts";
import { type House, heldOf, intakeOf, runsOf, withHeld, withIntake, withWork, workOf } from "./house.ts";
import { hasAskedSince } from "./needs.ts";
import { isLive } from "./slots.ts";
import type { Owed } from "./stage.ts";
import type { CycleStep, HeldFile, Plan, RecipeId, Service } from "./types.ts";
import { ended, firstMark, isUnderWay, type Mark, notMade } from "./work.ts";

/** One that is held back: what its change asked for, up to which change it was looked at, and what is wrong. */
export type Held = PathDemand & { readonly mark: Mark; readonly since: Mark } & Pick<HeldFile, "problems">;

/** What is held back and is to be looked at again joins what was taken; with the start, everything does. */
export function takenAgain(house: House, service: Service): House {
  const intake = intakeOf(house, service);
  const { stage } = intake;
  const held = heldOf(house, service);
  if (stage.is !== "working" || held.size === 0) return house;
  const taken = new Map(stage.taken);
  const left = new Map(held);
  for (const [path, { problems: _, ...before }] of held) {
    const asked = stage.taken.get(path);
    if (asked === undefined && !stage.taken.has("")) continue;
    // Its rule is the one that it was held back by, unless another one speaks now.
    taken.set(
      path,
      asked === undefined
        ? before
        : { ...before, ...greaterOf(before, asked), since: Math.min(before.since, asked.since) },
    );
    left.delete(path);
  }
  if (left.size === held.size) return house;
  return withHeld(withIntake(house, service, { ...intake, stage: { ...stage, taken } }), service, left);
}

export interface HoldingBack {
  readonly house: House;
  /** Those that were to be started for the first time. */
  readonly failed: readonly Service[];
  /** Those that go on without them. */
  readonly held: readonly Service[];
}

/** A check has found these wrong. Where something was saved meanwhile that it is about, it is carried out once more, and decides then. */
export function holdBack(
  house: House,
  recipe: RecipeId,
  files: readonly HeldFile[],
  users: readonly Service[],
  plan: Plan,
): HoldingBack {
  const work = workOf(house, recipe);
  if (!isUnderWay(work)) return { house, failed: [], held: [] };
  const { upTo } = work;
  if (users.some((service) => hasAskedSince(house, service, recipe, upTo, plan)))
    return { house: withWork(house, recipe, notMade(work)), failed: [], held: [] };
  const failed = users.filter((service) => takenBy(house, service).get("")?.since === firstMark);
  const result = failed.length > 0 ? ({ is: "held", files } as const) : ({ is: "ok" } as const);
  let next = withWork(house, recipe, ended(work, result));
  const held = users.filter((service) => !failed.includes(service));
  for (const service of held) next = without(next, service, stepOf(service, recipe, plan)?.rule, files, upTo);
  return { house: next, failed, held };
}

/**
 * Somebody who asks for a start does not get one with these; whatever else has changed goes on. Where nothing runs it comes
 * as soon as they are right.
 */
function without(
  house: House,
  service: Service,
  rule: string | undefined,
  files: readonly HeldFile[],
  upTo: Mark,
): House {
  const intake = intakeOf(house, service);
  const { stage } = intake;
  if (stage.is !== "working") return house;
  const taken = new Map(stage.taken);
  const held = new Map(heldOf(house, service));
  const all = isLive(runsOf(house, service).current) ? undefined : taken.get("");
  for (const { path, problems } of files) {
    const seen = taken.get(path) ?? {
      verdict: "ignore",
      mark: upTo,
      since: upTo,
      ...(rule === undefined ? {} : { rule }),
    };
    const asked =
      all === undefined ? seen : { ...seen, ...greaterOf(all, seen), since: Math.min(all.since, seen.since) };
    held.set(path, { ...asked, problems });
    taken.delete(path);
  }
  taken.delete("");
  return withHeld(withIntake(house, service, { ...intake, stage: { ...stage, taken } }), service, held);
}

const stepOf = (service: Service, recipe: RecipeId, plan: Plan): CycleStep | undefined =>
  plan.services.get(service)?.steps.find((step) => step.recipe === recipe);

function takenBy(house: House, service: Service): Owed {
  const { stage } = intakeOf(house, service);
  return stage.is === "working" ? stage.taken : nothing;
}

/** What is held back and contained in nothing up to this change. */
export const heldUpTo = (house: House, service: Service, mark: Mark): readonly HeldFile[] =>
  [...heldOf(house, service)].flatMap(([path, held]) =>
    held.since <= mark ? [{ path, problems: held.problems }] : [],
  );
