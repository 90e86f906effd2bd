/** An intake, against works and runs that take as long and end as they like. */
import { nothing, type Verdict, verdictOf } from "../../src/core/demand.ts";
import {
  act,
  answered,
  backAgain,
  change,
  failed,
  looked,
  made,
  quiet,
  rest,
  stopIntake,
} from "../../src/core/intake.ts";
import { firstIntake, type Intake, type IntakeTurn, type Sight } from "../../src/core/stage.ts";
import { type IntakeFace, intakeFaces, type Shown, show } from "./faces.ts";
import { defaults, type Settings, serviceOf } from "./plans.ts";
import { type Move, promise, type Walk, walk } from "./walk.ts";
import { change as demandOf } from "./world.ts";

interface At {
  readonly intake: Intake;
  readonly at: number;
  /** What it has handed on and waits for. */
  readonly face: IntakeFace;
  readonly isQuiet: boolean;
  readonly isLooking: boolean;
  readonly isPaused: boolean;
  readonly isLive: boolean;
  readonly shown: Shown;
}

const sightOf = ({ face, isPaused, isLive }: At): Sight => ({
  work: face === "making" ? "busy" : face === "givingUp" ? "ending" : "idle",
  isPaused,
  mark: 2,
  isLive,
  isVacated: false,
  mayStart: true,
  isMade: (owed) => verdictOf(owed) !== "rebuild",
  isSuspect: () => false,
  probeMs: () => 0,
  trail: undefined,
  callers: () => ({ trail: [], is: "nobody" }),
  slowedMs: () => 0,
});

/** What jobs of others call for again and again. */
const inCircle = (isVacated: boolean): Partial<Sight> => ({
  isVacated,
  callers: () => ({ trail: ["rule"], is: "circle" }),
});

/** What the intake asks is taken down, and must be what the others are ready for. */
function obey(state: At, { intake, asks }: IntakeTurn): At {
  let { face, isQuiet, isLooking } = state;
  const become = (next: IntakeFace): void => {
    show(intakeFaces, face, next, state.shown);
    face = next;
  };
  for (const ask of asks) {
    switch (ask.ask) {
      case "arm":
        promise(ask.afterMs >= 0, "a timer in the past");
        isQuiet = true;
        break;
      case "look":
        isLooking = true;
        break;
      case "make":
        promise(face === "idle", "two jobs at once", face);
        become("making");
        break;
      case "giveUp":
        promise(face === "making", "gave up what is not made", face);
        become("givingUp");
        break;
      case "takeBack":
        promise(face === "due", "took back what is not due", face);
        become("idle");
        break;
      case "start":
        promise(face === "making", "a start of what is not made", face);
        become("due");
        break;
      case "signal":
      case "refresh":
      case "restless":
      case "hooked":
      case "circular":
        break;
    }
  }
  const { is } = intake.stage;
  const shown: IntakeFace =
    is === "working" ? (face === "givingUp" ? "givingUp" : "making") : is === "due" ? "due" : "idle";
  become(shown);
  promise(is !== "settling" || isQuiet, "settling without a timer");
  promise(is !== "looking" || isLooking, "looking without a look");
  promise(
    is !== "resting" || intake.burst === undefined || intake.isStopped || state.isPaused,
    "resting on a change",
    intake,
  );
  return { ...state, intake, face, isQuiet, isLooking };
}

const signs = { empty: false, atOnce: false };
const verdicts: readonly Verdict[] = ["refresh", "signal", "restart", "rebuild"];

function moves(state: At, settings: Partial<Settings>): Move<At>[] {
  const { intake, face } = state;
  const plan = serviceOf(settings, ["build"]);
  const all: Move<At>[] = [];
  const add = (
    by: string,
    after: Partial<At>,
    turn: (intake: Intake, at: number, sight: Sight, state: At) => IntakeTurn,
  ): void => {
    const next: At = { ...state, ...after };
    all.push({
      by,
      to: () => obey(next, turn(next.intake, next.at, sightOf({ ...next, face: after.face ?? face }), next)),
    });
  };
  for (const waitMs of [0, defaults.maxWaitMs]) {
    const at = state.at + waitMs;
    for (const verdict of verdicts)
      for (const mayStart of [false, true])
        add("changed", { at }, (intake, now, sight) =>
          change(intake, demandOf([`${verdict}.x`], verdict), signs, now, plan, { ...sight, mayStart }),
        );
    add("asked for", { at, intake: { ...intake, isStopped: false } }, (intake, now, sight) =>
      change(intake, demandOf([""], "restart"), { empty: false, atOnce: true }, now, plan, sight),
    );
    if (state.isLooking) {
      const isLooked = { at, isLooking: false };
      if (intake.stage.is === "looking")
        for (const demand of [nothing, demandOf(["found"])])
          for (const isBusy of [false, true])
            for (const change of [{}, inCircle(false), inCircle(true)])
              add("looked", isLooked, (intake, now, sight) =>
                looked(intake, demand, signs, isBusy, now, plan, { ...sight, ...change }),
              );
      else add("looked", isLooked, (intake) => ({ intake, asks: [] }));
    }
  }
  if (state.isQuiet) add("elapsed", { isQuiet: false }, (intake) => quiet(intake));
  if (face === "making") {
    for (const isLive of [false, true]) add("made", { isLive }, (intake, now, sight) => made(intake, now, plan, sight));
    for (const isVacated of [false, true])
      add("failed", {}, (intake, now, sight) => failed(intake, now, plan, { ...sight, isVacated }));
  }
  if (face === "givingUp") add("given up", {}, (intake, now, sight) => backAgain(intake, now, plan, sight));
  if (face === "due") {
    for (const isStart of [false, true])
      add("started", {}, (intake, now, sight) => rest(answered(intake, now, isStart), now, plan, sight));
  }
  add("stopped", {}, (intake) => ({ intake: stopIntake(intake), asks: [] }));
  add("paused", { isPaused: true, isQuiet: intake.stage.is === "settling" ? false : state.isQuiet }, (intake) => ({
    intake: intake.stage.is === "settling" ? { ...intake, stage: { is: "resting" } } : intake,
    asks: [],
  }));
  if (intake.stage.is === "resting")
    add("resumed", { isPaused: false }, (intake, now, sight) => rest(intake, now, plan, sight));
  return all;
}

const ageOf = (at: number | undefined, { at: now }: At): string =>
  at === undefined ? "-" : now - at >= defaults.maxWaitMs ? "old" : "new";

/** From here on nothing goes wrong: what is owed is answered. Throws where it never is. */
function comesToRest(state: At, settings: Partial<Settings>): void {
  let now = state;
  for (let steps = 0; steps < 40; steps += 1) {
    if (now.intake.stage.is === "resting" && now.intake.owed.size === 0) return;
    const by = { making: "made", givingUp: "given up", due: "started", idle: now.isLooking ? "looked" : "elapsed" }[
      now.face
    ];
    const [move] = moves(now, settings).filter((one) => one.by === by);
    if (move === undefined) {
      promise(
        now.intake.stage.is === "resting" && (now.intake.burst === undefined || now.intake.isStopped || now.isPaused),
        "stuck",
        now,
      );
      return;
    }
    now = move.to();
  }
  promise(false, "does not come to rest", state);
}

export function walkIntake(settings: Partial<Settings>, shown: Shown = new Set()): Walk {
  const fresh: At = {
    intake: firstIntake,
    at: 0,
    face: "idle",
    isQuiet: false,
    isLooking: false,
    isPaused: false,
    isLive: false,
    shown,
  };
  return walk<At>({
    first: [fresh, obey(fresh, act(firstIntake, 0, sightOf(fresh)))],
    moves(state) {
      comesToRest(state, settings);
      return moves(state, settings);
    },
    outline: (state) =>
      JSON.stringify([
        state.intake.stage.is,
        "taken" in state.intake.stage && verdictOf(state.intake.stage.taken),
        verdictOf(state.intake.owed),
        state.intake.burst?.atOnce,
        ageOf(state.intake.burst?.oldestAt, state),
        ageOf(state.intake.unansweredSince, state),
        Math.min(2, state.intake.cancelled),
        state.intake.isStopped,
        state.face,
        state.isQuiet,
        state.isLooking,
        state.isPaused,
      ]),
    label: ({ intake }) => intake.stage.is,
  });
}
