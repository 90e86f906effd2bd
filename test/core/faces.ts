/**
 * What each machine shows to those beside it, as a table: from each value, what may come next. A machine is walked
 * against every behaviour that these tables allow of its neighbours, and another walk proves that it shows no other.
 */
import type { RunsFace } from "../../src/core/slots.ts";
import type { WorkFace } from "../../src/core/work.ts";

/** Ways from one value to the next that a walk has seen, as `idle busy`. */
export type Shown = Set<string>;

/** A machine may change its face only as the table says; what it does is written down. */
export function show<F extends string>(table: Readonly<Record<F, readonly F[]>>, from: F, to: F, shown: Shown): void {
  if (from === to) return;
  if (!table[from].includes(to)) throw new Error(`a face that nobody knows: from ${from} to ${to}`);
  shown.add(`${from} ${to}`);
}

/** All ways of a table. */
export const waysOf = (table: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(table)
    .flatMap(([from, all]) => all.map((to) => `${from} ${to}`))
    .sort();

/** Of a recipe. `idle` and `failed` are left when a job is ordered, `busy` when it ends or is given up. */
export const workFaces: Readonly<Record<WorkFace, readonly WorkFace[]>> = {
  idle: ["busy"],
  busy: ["idle", "failed", "ending"],
  ending: ["idle"],
  failed: ["busy", "idle"],
};

/** Of the runs of a service, to those that are after it. */
export const runsFaces: Readonly<Record<RunsFace, readonly RunsFace[]>> = {
  room: ["starting", "ready", "ended", "failed"],
  starting: ["ready", "failed", "ended", "room"],
  ready: ["room", "ended", "failed"],
  ended: ["room"],
  failed: ["room", "starting", "ready", "ended"],
};

/** What an intake has handed on and waits for: nothing, a job that is made, one that is given up, a start. */
export type IntakeFace = "idle" | "making" | "givingUp" | "due";

export const intakeFaces: Readonly<Record<IntakeFace, readonly IntakeFace[]>> = {
  idle: ["making"],
  making: ["idle", "givingUp", "due"],
  givingUp: ["idle"],
  due: ["idle"],
};
