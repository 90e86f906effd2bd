/**
 * The next run, started in advance: a machine of its own beside those of the house, which never waits for it.
 *
 *     absent ─ idle ─▶ asked ─ recorded ─▶ trying ─ tried ─▶ held ─ startDue ─▶ absent (let in)
 *        ▲              │                    │  ▲ │           │
 *        └── startDue, failed, doubted, closed ───┴───────────┘
 */

export type Standby =
  /** `spent`: up to this run nothing more is tried. */
  | { readonly is: "absent"; readonly spent: number }
  /** The run that serves is asked what it has loaded. */
  | { readonly is: "asked"; readonly run: number }
  /** Packages are loaded on trial, `round` by round, until none has to be left out any more. */
  | { readonly is: "trying"; readonly run: number; readonly round: number }
  /** It loads, or has loaded and waits: it is let in either way. `run` is the one that it will be. */
  | { readonly is: "held"; readonly run: number }
  | { readonly is: "closed" };

export type StandbyFact =
  /** The run is ready, and nothing is under way. */
  | { readonly type: "idle"; readonly run: number }
  /** `isTried`: the same was tried before. */
  | { readonly type: "recorded"; readonly isTried: boolean }
  /** `isClean`: nothing more has to be left out. */
  | { readonly type: "tried"; readonly isClean: boolean }
  /** `isSame`: it would be what a cold start is now. */
  | { readonly type: "startDue"; readonly run: number; readonly isSame: boolean }
  /** What was under way came to nothing, or the standby ended. */
  | { readonly type: "failed" }
  | { readonly type: "closed" };

export type StandbyOrder =
  | { readonly type: "ask"; readonly run: number }
  | { readonly type: "try"; readonly run: number; readonly round: number }
  | { readonly type: "hold"; readonly run: number }
  | { readonly type: "letIn" }
  /** Ends whatever was started for it. */
  | { readonly type: "discard" };

export interface StandbyStep {
  readonly standby: Standby;
  readonly orders: readonly StandbyOrder[];
}

/** After so many rounds that each found one more to leave out, the next run starts cold. */
export const longestTrial = 8;

export const noStandby: Standby = { is: "absent", spent: 0 };

export function stepStandby(standby: Standby, fact: StandbyFact): StandbyStep {
  const same: StandbyStep = { standby, orders: [] };
  if (standby.is === "closed") return same;
  switch (fact.type) {
    case "idle":
      return standby.is === "absent" && fact.run > standby.spent
        ? { standby: { is: "asked", run: fact.run }, orders: [{ type: "ask", run: fact.run }] }
        : same;
    case "recorded":
      if (standby.is !== "asked") return same;
      return fact.isTried ? holding(standby.run + 1) : tryAgain(standby.run, 1);
    case "tried":
      if (standby.is !== "trying") return same;
      if (fact.isClean) return holding(standby.run + 1);
      return standby.round < longestTrial ? tryAgain(standby.run, standby.round + 1) : discarded(standby.run);
    case "startDue":
      if (standby.is === "absent") return same;
      return standby.is === "held" && standby.run === fact.run && fact.isSame
        ? { standby: { is: "absent", spent: fact.run - 1 }, orders: [{ type: "letIn" }] }
        : discarded(fact.run - 1);
    case "failed":
      return standby.is === "absent" ? same : discarded(standby.is === "held" ? standby.run - 1 : standby.run);
    case "closed":
      return { standby: { is: "closed" }, orders: standby.is === "absent" ? [] : [{ type: "discard" }] };
  }
}

const discarded = (spent: number): StandbyStep => ({
  standby: { is: "absent", spent },
  orders: [{ type: "discard" }],
});

const holding = (run: number): StandbyStep => ({ standby: { is: "held", run }, orders: [{ type: "hold", run }] });

const tryAgain = (run: number, round: number): StandbyStep => ({
  standby: { is: "trying", run, round },
  orders: [{ type: "try", run, round }],
});
