/** What is told of an order, with which a story begins or goes on. */
import { pathsOf } from "../../core/demand.ts";
import { intakeOf } from "../../core/house.ts";
import { jobName } from "../../core/job.ts";
import type { Turn } from "../../core/turn.ts";
import type { Order, Service } from "../../core/types.ts";
import { cause, shortDuration } from "../words.ts";
import { beginning, type Story, saying, storyLine, type Telling, type Told, untold } from "./story.ts";

export function tellOrder(story: Story, order: Order, turn: Turn, telling: Telling, service: Service): Told {
  const { at } = turn.fact;
  const { colors } = telling;
  switch (order.type) {
    case "startJob": {
      // What nothing waits for is not part of what is being told.
      if (order.demand.size === 0)
        return untold({ ...story, beside: new Map(story.beside).set(jobName(order.job), at) });
      const isNext = story.phases.length > 0 && !story.isTold && !story.isStarted;
      const changes = isNext ? new Set([...story.changes, ...pathsOf(order.demand)]) : pathsOf(order.demand);
      const own = isNext ? story : another(story);
      return untold({ ...own, changes, buildAt: at, isTold: false });
    }
    case "cancelJob": {
      const { kind, number } = order.job;
      if (turn.after.life.is !== "living") return untold(story);
      const why = cause(pathsOf(intakeOf(turn.after, service).owed));
      return saying({ ...story, isTold: true }, "debug", colors.dim(`${kind} ${number} given up: ${why}`));
    }
    case "stopRun": {
      const { stage } = intakeOf(turn.after, order.job.service);
      if (stage.is !== "due") return untold(story);
      const own = begun(story, pathsOf(stage.taken));
      return untold({ ...own, stopAt: own.stopAt ?? at });
    }
    case "startRun":
      return untold({ ...begun(story, pathsOf(order.demand)), startAt: at, stopAt: undefined, isStarted: true });
    case "refresh":
      return saying(story, "info", storyLine(colors.green("●"), begun(story, new Set(order.paths)), "refreshed"));
    case "arm":
      return order.timer === "backoff"
        ? saying(story, "info", colors.dim(`○ restarting in ${shortDuration(order.afterMs)}`))
        : untold(story);
    default:
      return untold(story);
  }
}

/** The next story: what goes on beside all of them stays. */
const another = ({ beside, address }: Story): Story => ({ ...beginning, beside, address });

/** Without a build, a story begins with the start, or with the stop that makes room for it; more may change meanwhile. */
const begun = (story: Story, changes: ReadonlySet<string>): Story =>
  story.isTold || story.isStarted
    ? { ...another(story), isTold: false, changes }
    : { ...story, changes: changes.size > 0 ? changes : story.changes };
