/**
 * What each machine shows to those beside it, as a table: from each value, what may come next. A machine is walked
 * against every behaviour that these tables allow of its neighbours, and another walk proves that it shows no other.
 */
import type { RunsFace } from "../../src/core/slots.ts";
import type { WorkFace } from "../../src/core/work.ts";

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
  ready: ["room", "ended", "failed", "ready"],
  ended: ["room", "starting", "ready"],
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
