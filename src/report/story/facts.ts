/** What is told of a fact: how what was ordered went. */
import { type House, runsOf } from "../../core/house.ts";
import { type JobId, jobName } from "../../core/job.ts";
import type { Slot } from "../../core/slots.ts";
import type { Turn } from "../../core/turn.ts";
import type { Service } from "../../core/types.ts";
import { ending, printable, shortDuration } from "../words.ts";
import { nameOfWork } from "../work-name.ts";
import { tellExit } from "./exit.ts";
import { tellHeld } from "./held.ts";
import { isAtWork, remains, slotOf } from "./standing.ts";
import { type Story, saying, storyLine, type Telling, type Told, untold } from "./story.ts";

export function tellFact(story: Story, turn: Turn, telling: Telling, service: Service): Told {
  const { fact, before, after } = turn;
  const { colors } = telling;
  switch (fact.type) {
    case "jobEnded": {
      const { result, job } = fact;
      if (!isRunning(before, job)) return untold(story);
      const besideAt = story.beside.get(jobName(job));
      if (besideAt !== undefined) return tellBeside(story, fact, besideAt, turn, telling);
      const took = shortDuration(fact.at - story.buildAt);
      if (result.is === "ok") {
        const built: Story = { ...story, phases: [...story.phases, `${job.kind} ${took}`] };
        const isOver = !isAtWork(after, service) && turn.orders.every(({ type }) => type !== "startRun");
        return isOver ? saying({ ...built, isTold: true }, "info", storyLine(colors.green("●"), built)) : untold(built);
      }
      if (result.is === "held") return tellHeld(story, turn, { job, files: result.files, took }, telling, service);
      const name = nameOfWork(before, job, telling.plan());
      const what =
        result.is === "timedOut"
          ? `${name} timed out after ${shortDuration(result.afterMs)}`
          : `${name} failed after ${took}`;
      const why = result.is === "failed" ? ` (${ending(result.exit)})` : "";
      if (isForgiven(turn, job))
        return saying(
          { ...story, phases: [...story.phases, `${job.kind} ${took}`] },
          "warn",
          `${colors.yellow("▲")} ${what}${why}, and ${job.kind === "rule" ? "nothing is stopped by it" : "the build goes on"}`,
        );
      const failed: Story = { ...story, phases: [...story.phases, colors.red(what + why)], isTold: true };
      return saying(failed, "error", storyLine(colors.red("✖"), failed, colors.dim(remains(turn, service))));
    }
    case "runReady": {
      const { number } = fact.job;
      if (!becomes(before, after, fact.job, "ready")) return untold(story);
      const took = shortDuration(fact.at - story.startAt);
      if (story.isTold || !telling.checked(fact.job.service))
        return saying(story, "debug", `run ${number} ready after ${took}`);
      const address = telling.address(fact.job.service);
      const isNew = address !== undefined && (address !== story.address || telling.clears());
      const ready: Story = { ...story, address, phases: [...story.phases, `ready ${took}`] };
      const end = isNew ? `run ${number} · ${colors.cyan(address)}` : `run ${number}`;
      return saying({ ...ready, phases: story.phases, isTold: true }, "info", storyLine(colors.green("●"), ready, end));
    }
    case "runLate": {
      const { service, number } = fact.job;
      if (slotOf(before, fact.job)?.is !== "starting") return untold(story);
      const isRollback = runsOf(before, service).beside === slotOf(before, fact.job);
      const why = fact.why === undefined ? "" : ` (${printable(fact.why)})`;
      const late = colors.red(`not ready after ${shortDuration(fact.at - story.startAt)}${why}`);
      const text = storyLine(
        colors.red("✖"),
        { ...story, phases: [...story.phases, late] },
        colors.dim(
          telling.once ? `run ${number}` : isRollback ? remains(turn, service) : `run ${number} is left running`,
        ),
      );
      return saying({ ...story, isTold: true }, "error", text);
    }
    case "runExited":
      return tellExit(story, turn, fact, telling);
    case "runGone":
      if (story.stopAt === undefined) return untold(story);
      return untold({ ...story, stopAt: undefined, phases: [...story.phases, ...stopPhase(fact.at - story.stopAt)] });
    case "quitAsked":
      return after.life.is === "quitting" && after.life.forced && before.life.is === "quitting" && !before.life.forced
        ? saying(story, "info", colors.dim("stopping at once"))
        : untold(story);
    default:
      return untold(story);
  }
}

/** It failed, and what comes after it happens all the same. */
function isForgiven({ before, after }: Turn, job: JobId): boolean {
  return [...before.works].some(([recipe, work]) => {
    const over = after.works.get(recipe);
    if (work.is !== "running" || jobName(work.job) !== jobName(job) || over?.is !== "clean") return false;
    return after.life.is === "living" && over.good === work.upTo;
  });
}

/** A stop that nobody had to wait for is not worth a word. */
const stopPhase = (ms: number): string[] => (ms < 10 ? [] : [`stop ${shortDuration(ms)}`]);

/** A hook that nothing has waited for is over. */
function tellBeside(
  story: Story,
  { job, result, at }: Extract<Turn["fact"], { type: "jobEnded" }>,
  besideAt: number,
  { before }: Turn,
  { colors, plan }: Telling,
): Told {
  const beside = new Map(story.beside);
  beside.delete(jobName(job));
  const next: Story = { ...story, beside };
  const took = shortDuration(at - besideAt);
  if (result.is === "ok" || result.is === "cancelled") return saying(next, "debug", colors.dim(`${job.kind} ${took}`));
  const why = result.is === "failed" ? ` (${ending(result.exit)})` : "";
  return saying(next, "warn", `${colors.yellow("▲")} ${nameOfWork(before, job, plan())} failed after ${took}${why}`);
}

const becomes = (before: House, after: House, job: JobId, is: Slot["is"]): boolean =>
  slotOf(before, job)?.is !== is && before !== after;

/** It is under way, and nobody has given it up. */
const isRunning = ({ works }: House, job: JobId): boolean =>
  [...works.values()].some((work) => work.is === "running" && jobName(work.job) === jobName(job));
