/** Work, against everything that its users may want of it. */

import type { BuildResult } from "../../src/core/types.ts";
import {
  ended,
  forced,
  givenUp,
  hasMade,
  isUnderWay,
  noWork,
  spoilt,
  started,
  type Work,
  workFace,
} from "../../src/core/work.ts";
import { type Shown, show, workFaces } from "./faces.ts";
import { type Move, promise, type Walk, walk } from "./walk.ts";

interface At {
  readonly work: Work;
  /** The newest change, and the mark that the last good job was started at. */
  readonly mark: number;
  readonly good: number;
}

const results: readonly BuildResult[] = [
  { is: "ok" },
  { is: "failed", exit: { is: "code", code: 1 } },
  { is: "cancelled" },
];

function moves({ work, mark, good }: At, shown: Shown): Move<At>[] {
  const next = (after: Work, change: Partial<At> = {}): At => {
    show(workFaces, workFace(work), workFace(after), shown);
    const to = { work: after, mark, good, ...change };
    promise(hasMade(after, to.good) === (after.is === "clean"), "a result that is not worth its mark", to);
    promise(!hasMade(after, to.good + 1), "a result that contains more than was there", to);
    return to;
  };
  const job = { service: "", kind: "build", number: 1 } as const;
  return [
    { by: "a change", to: () => next(work, { mark: mark + 1 }) },
    ...(isUnderWay(work) ? [] : [{ by: "ordered", to: () => next(started(work, job, mark)) }]),
    { by: "given up", to: () => next(givenUp(work) ?? work) },
    { by: "forced", to: () => next(forced(work) ?? work) },
    { by: "spoilt", to: () => next(spoilt(work), isUnderWay(work) ? {} : { good: 0 }) },
    ...(isUnderWay(work)
      ? results.map((result) => ({
          by: result.is,
          to: () => next(ended(work, result), work.is === "running" && result.is === "ok" ? { good: work.upTo } : {}),
        }))
      : []),
  ];
}

export const walkWork = (shown: Shown = new Set()): Walk =>
  walk<At>({
    first: [{ work: noWork, mark: 1, good: 0 }],
    moves: (state) => moves(state, shown),
    outline: ({ work, mark, good }) =>
      JSON.stringify([
        work.is,
        "forced" in work && work.forced,
        Math.min(2, mark - good),
        "upTo" in work && Math.min(2, mark - work.upTo),
        "upTo" in work && Math.min(2, work.upTo - good),
      ]),
    label: ({ work }) => work.is,
  });
