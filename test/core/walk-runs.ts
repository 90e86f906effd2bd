/** Runs, against an intake that lets a start be due and takes it back as it likes, and processes that end as they like. */

import {
  advance,
  backoffElapsed,
  passed,
  runExited,
  runGone,
  runLate,
  runReady,
  signalled,
  takenBack,
} from "../../src/core/runs.ts";
import { noRuns, type Runs, runsFace, type Slot } from "../../src/core/slots.ts";
import type { Owed } from "../../src/core/stage.ts";
import { force, type RunsSight, type RunsTurn, stopBoth } from "../../src/core/stops.ts";
import type { Exit, Order } from "../../src/core/types.ts";
import { runsFaces, type Shown, show } from "./faces.ts";
import { type Settings, serviceOf } from "./plans.ts";
import { type Move, promise, type Walk, walk } from "./walk.ts";

interface Process {
  readonly run: number;
  readonly exited: boolean;
  readonly ready: boolean;
  readonly stopOrdered: boolean;
}

interface At {
  readonly runs: Runs;
  readonly at: number;
  readonly due: boolean;
  readonly isAllowed: boolean;
  readonly isQuitting: boolean;
  readonly timers: ReadonlySet<string>;
  readonly processes: readonly Process[];
}

const due: Owed = new Map([["a", { verdict: "restart", mark: 1, since: 1 }]]);
const exits: readonly Exit[] = [
  { is: "code", code: 0 },
  { is: "code", code: 7 },
  { is: "unstartable", missing: true, message: "" },
];

const sightOf = (state: At, settings: Partial<Settings>): RunsSight => ({
  service: "",
  plan: serviceOf(settings, []),
  due: state.due ? due : undefined,
  isAllowed: state.isAllowed,
  upTo: 1,
  isQuitting: state.isQuitting,
  once: settings.once !== undefined,
  commandGiven: settings.commandGiven ?? false,
});

/** What the machine wants is done, and must be what the world is ready for. */
function obey(state: At, { runs, orders, asks }: RunsTurn, settings: Partial<Settings>, shown: Shown): At {
  show(runsFaces, runsFace(state.runs), runsFace(runs), shown);
  const timers = new Set(state.timers);
  let processes = state.processes;
  const starts = orders.filter((order) => order.type === "startRun");
  for (const order of orders) processes = obeyOne(processes, timers, order, settings);
  let { due: isDue, isQuitting } = state;
  for (const ask of asks) {
    if (ask.ask === "answered") {
      promise(isDue, "answered what nobody had asked", asks);
      promise(starts.length === (ask.isStart ? 1 : 0), "answered without a start", orders);
      isDue = false;
    } else isQuitting = true;
  }
  promise(
    starts.length === 0 || asks.some(({ ask }) => ask === "answered") || !state.due,
    "a start that answers nothing",
  );
  const known = [runs.current, runs.beside].flatMap((slot) => ("run" in slot ? [slot.run] : []));
  promise(
    known.length === processes.length && processes.every(({ run }) => known.includes(run)),
    "a process that nobody knows of",
    runs,
    processes,
  );
  return { ...state, runs, timers, processes, due: isDue, isQuitting };
}

function obeyOne(
  processes: readonly Process[],
  timers: Set<string>,
  order: Order,
  { swap }: Partial<Settings>,
): readonly Process[] {
  switch (order.type) {
    case "arm":
      timers.add(order.timer);
      return processes;
    case "disarm":
      timers.delete(order.timer);
      return processes;
    case "startRun": {
      const isBeside = swap === "start-first" && processes.every((one) => one.ready && !one.stopOrdered && !one.exited);
      promise(processes.length === 0 || (isBeside && processes.length === 1), "two runs at once", processes);
      return [...processes, { run: order.job.number, exited: false, ready: false, stopOrdered: false }];
    }
    case "stopRun": {
      const one = processes.find(({ run }) => run === order.job.number);
      promise(
        one !== undefined && (order.force || !one.stopOrdered),
        "stopped twice, or one that is gone",
        order,
        processes,
      );
      return processes.map((each) => (each === one ? { ...each, stopOrdered: true } : each));
    }
    case "signalRun":
      promise(
        processes.some((each) => each.run === order.job.number && each.ready && !each.exited),
        "signalled one that does not serve",
      );
      return processes;
    default:
      return processes;
  }
}

function moves(state: At, settings: Partial<Settings>, shown: Shown): Move<At>[] {
  const { runs, processes, at } = state;
  const turned = (after: At, turn: (runs: Runs, sight: RunsSight) => RunsTurn): At => {
    const next = obey(after, turn(after.runs, sightOf(after, settings)), settings, shown);
    // Whoever lets a start be due has it looked after at once.
    return next;
  };
  const ofProcess = (run: number, change: Partial<Process>): At => ({
    ...state,
    processes: processes.map((one) => (one.run === run ? { ...one, ...change } : one)),
  });
  const all: Move<At>[] = [];
  const add = (by: string, to: () => At): void => void all.push({ by, to });
  if (!state.isQuitting) {
    if (!state.due) add("due", () => turned({ ...state, due: true }, (runs, sight) => advance(runs, at, sight)));
    else add("taken back", () => ({ ...state, due: false, runs: takenBack(runs) }));
    add("allowed or not", () =>
      turned({ ...state, isAllowed: !state.isAllowed }, (runs, sight) => advance(runs, at, sight)),
    );
    add("signal", () =>
      runsFace(runs) === "ready" || runsFace(runs) === "starting"
        ? turned(state, (runs, sight) => signalled(runs, new Map([["x", "r"]]), sight))
        : state,
    );
    add("a build begins", () => turned(state, passed));
    add("stopped by name", () => turned({ ...state, due: false }, stopBoth));
    add("quit", () => turned({ ...state, due: false, isQuitting: true }, stopBoth));
  } else add("forced", () => turned(state, force));
  for (const timer of state.timers) {
    const rung: At = { ...state, timers: new Set([...state.timers].filter((each) => each !== timer)) };
    if (timer === "backoff")
      add("backoff elapsed", () => turned(rung, (runs, sight) => backoffElapsed(runs, at, sight)));
    else add("kept elapsed", () => turned(rung, passed));
  }
  for (const { run, exited, ready, stopOrdered } of processes) {
    if (!exited && !ready) {
      add("runReady", () => turned(ofProcess(run, { ready: true }), (runs, sight) => runReady(runs, run, at, sight)));
      add("runLate", () => turned(state, (runs, sight) => runLate(runs, run, sight)));
    }
    if (!exited)
      for (const exit of exits)
        for (const livedMs of [0, 9_000])
          add("runExited", () =>
            turned({ ...ofProcess(run, { exited: true }), at: at + livedMs }, (runs, sight) =>
              runExited(runs, run, exit, at + livedMs, sight),
            ),
          );
    if (stopOrdered) {
      const gone: At = { ...state, processes: processes.filter((one) => one.run !== run) };
      add("runGone", () => turned(gone, (runs, sight) => runGone(runs, run, at, sight)));
    }
  }
  return all;
}

const shapeOf = (slot: Slot, processes: readonly Process[]): unknown => [
  slot.is,
  "next" in slot && slot.next,
  "forced" in slot && slot.forced,
  "exit" in slot && slot.exit.is === "code" && slot.exit.code,
  "run" in slot && processes.find(({ run }) => run === slot.run),
];

const labelOf = ({ runs: { current, beside } }: At): string => `${current.is} ${beside.is}`;

export const walkRuns = (settings: Partial<Settings>, shown: Shown = new Set()): Walk =>
  walk<At>({
    first: [
      {
        runs: noRuns,
        at: 0,
        due: false,
        isAllowed: true,
        isQuitting: false,
        timers: new Set(),
        processes: [],
      },
    ],
    moves: (state) => moves(state, settings, shown),
    outline: ({ runs, due: isDue, isAllowed, isQuitting, timers, processes }) =>
      JSON.stringify(
        [
          shapeOf(runs.current, processes),
          shapeOf(runs.beside, processes),
          Math.min(2, runs.count),
          Math.min(1, runs.crashes),
          runs.isVacated,
          runs.signals.size,
          isDue,
          isAllowed,
          isQuitting,
          [...timers].sort(),
        ],
        (key, value) => (key === "run" ? undefined : value),
      ),
    label: labelOf,
  });
