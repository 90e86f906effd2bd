/**
 * Rules that start each other. In one cycle each runs twice at most; what is left over then was written by a rule of the
 * circle, or saved by somebody in the meantime. What is written anew each time is named and left; anything else gets a
 * cycle of its own, so that no save is lost, and is named when it is left over once more.
 */
import { remember } from "./burst.ts";
import type { Demand } from "./demand.ts";
import { type House, intakeOf, type Now, type Step, telling, unchanged, withIntake } from "./house.ts";
import { leftOver } from "./needs.ts";
import { type Feeding, type Intake, joinOwed, type Owed, type Stage } from "./stage.ts";
import { makerOf } from "./trails.ts";
import type { Maker, News, Plan, Service } from "./types.ts";

type Working = Extract<Stage, { is: "working" }>;

/** Nobody saves a file during each of so many jobs, and at no other time. */
const enough = 2;
const fewLeftOvers = 2;
const firstDoubtMs = 1_000;
const longestDoubtMs = 2_000;

/** These changed while the rule ran. A path that was asked for before is somebody's own work: the first time does not count. */
export function fed({ fed: before, meanwhile, taken }: Working, rule: string, demand: Demand): Working["fed"] {
  const all = new Map(before);
  for (const path of demand.keys()) {
    if (meanwhile.has(path)) continue;
    const known = before.get(path);
    all.set(path, { by: rule, times: known === undefined ? (taken.has(path) ? 0 : 1) : known.times + 1 });
  }
  return all;
}

/** What is owed is left over from the cycle before, all of it. */
export const isLeftOver = ({ owed, leftOver }: Intake): boolean =>
  owed.size > 0 && [...owed.keys()].every((path) => leftOver.has(path));

/** How long it is waited, without the rule, to see whether somebody saves one file after the other: he saves then as well. */
export function doubtMs(intake: Intake): number {
  const { leftOvers } = intake;
  if (leftOvers < fewLeftOvers || !isLeftOver(intake)) return 0;
  return Math.min(longestDoubtMs, firstDoubtMs * 2 ** (leftOvers - fewLeftOvers));
}

/** A cycle comes to its end: what becomes of that for which a rule would have to run a third time. */
export function closed(house: House, service: Service, { plan, at }: Now): Step {
  const intake = intakeOf(house, service);
  const { stage } = intake;
  if (stage.is !== "working") return unchanged(house);
  const left = leftOver(house, service, plan);
  if (left.size === 0) return unchanged(house);
  const isCircular = (path: string): boolean => stage.leftOvers > 0 || (stage.fed.get(path)?.times ?? 0) >= enough;
  const circular = [...left.keys()].filter(isCircular);
  const untold = circular.filter((path) => !intake.circular.has(path));
  const others: Owed = new Map(
    [...left].filter(([path]) => !isCircular(path)).map(([path, asked]) => [path, { ...asked, since: asked.mark }]),
  );
  const next: Intake = {
    ...intake,
    ...(others.size === 0 ? {} : { owed: joinOwed(others, intake.owed), burst: again(intake, others, at) }),
    leftOver: new Set([...intake.leftOver, ...others.keys()]),
    circular: new Set([...intake.circular, ...circular]),
  };
  return telling(unchanged(withIntake(house, service, next)), ...newsOf(stage, untold, service, plan));
}

const again = ({ burst, owed }: Intake, left: Owed, at: number): Intake["burst"] =>
  remember(burst, new Set(left.keys()), owed, { empty: false, atOnce: false }, at);

/** One for each rule that is not carried out again. */
function newsOf(stage: Working, paths: readonly string[], service: Service, plan: Plan): News[] {
  const byRule = new Map<string, string[]>();
  for (const path of paths) {
    const rule = stage.taken.get(path)?.rule ?? "";
    byRule.set(rule, [...(byRule.get(rule) ?? []), path]);
  }
  const steps = plan.services.get(service)?.steps ?? [];
  const maker = (rule: string): Maker =>
    makerOf(
      steps.find((step) => step.rule === rule && plan.recipes.get(step.recipe)?.kind === "rule")?.recipe ?? "",
      plan,
    );
  return [...byRule].map(([rule, own]): News => {
    const by = own.map((path) => stage.fed.get(path)?.by).find((writer) => writer !== undefined);
    const circle = by === undefined ? [rule] : wayBetween(rule, by, edgesOf(stage));
    return {
      type: "circular",
      service,
      paths: own,
      circle: circle.map(maker),
      again: maker(rule),
      ...(by === undefined ? {} : { by: maker(by) }),
    };
  });
}

/** Which rules were started by what a rule wrote. */
function edgesOf({ fed: feeds, taken }: Working): ReadonlyMap<string, readonly string[]> {
  const edges = new Map<string, string[]>();
  for (const [path, { by }] of feeds as ReadonlyMap<string, Feeding>) {
    const rule = taken.get(path)?.rule;
    if (rule !== undefined) edges.set(by, [...(edges.get(by) ?? []), rule]);
  }
  return edges;
}

/** From one rule to another, by what each writes; the shortest way, or just the two where none is known. */
function wayBetween(from: string, to: string, edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const ways: (readonly [string, ...string[]])[] = [[from]];
  const seen = new Set([from]);
  for (const way of ways) {
    if (way[0] === to) return way.toReversed();
    for (const next of edges.get(way[0]) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([next, ...way]);
    }
  }
  return [from, to];
}
