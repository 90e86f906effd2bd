/** What is told of a run that ended. */
import { type House, intakeOf, runsOf } from "../../core/house.ts";
import { jobName } from "../../core/job.ts";
import { isLive } from "../../core/slots.ts";
import type { Turn } from "../../core/turn.ts";
import type { Service } from "../../core/types.ts";
import { ending, printable, shortDuration } from "../words.ts";
import { slotOf } from "./standing.ts";
import { type Story, saying, storyLine, type Telling, type Told, untold } from "./story.ts";

export function tellExit(
  story: Story,
  turn: Turn,
  fact: Extract<Turn["fact"], { type: "runExited" }>,
  telling: Telling,
): Told {
  const { before, after } = turn;
  const { colors } = telling;
  const slot = slotOf(before, fact.job);
  if (slot === undefined || !isLive(slot)) return untold(story);
  const { exit } = fact;
  // Whoever waits for a check asks why it was not met, whatever the code.
  const isAsked = fact.unready !== undefined && exit.is !== "unstartable" && slot.is !== "ready";
  const isFine =
    (exit.is === "code" && exit.code === 0 && !isAsked) || isMeanwhileHooked(story, before, fact.job.service);
  const how =
    exit.is === "unstartable" ? `could not be started: ${printable(exit.message)}` : `ended with ${ending(exit)}`;
  const lived = exit.is === "unstartable" ? "" : ` after ${shortDuration(fact.at - slot.startedAt)}`;
  const broken = exit.is === "signal" && exit.signal === "SIGPIPE" ? " (its output is no longer read)" : "";
  const next = whatNext(turn, fact.job.service);
  const unready =
    isAsked && (telling.once || (exit.is === "code" && exit.code === 0))
      ? `, before it was ready (${printable(fact.unready ?? "")})`
      : "";
  const subject = `run ${fact.job.number} ${how}${lived}${broken}${unready}`;
  const mark = isFine ? colors.dim("○") : colors.red("✖");
  const tail = next === "" ? "" : colors.dim(` · ${next}`);
  if (telling.once && isFine) return saying(story, "debug", subject);
  const prefix = story.isTold || after.life.is === "quitting" ? "" : `${storyLine("", story).trim()} → `;
  return saying(
    { ...story, isTold: true },
    isFine ? "info" : "error",
    `${mark} ${prefix}${isFine ? subject : colors.red(subject)}${tail}`,
  );
}

/** A command before the build is under way, which may end the run (`killall app`). */
const isMeanwhileHooked = ({ beside }: Story, { works }: House, service: Service): boolean =>
  [...works.values()].some(
    (work) =>
      work.is === "running" &&
      work.job.kind === "hook" &&
      work.job.service === service &&
      !beside.has(jobName(work.job)),
  );

function whatNext({ after, orders }: Turn, service: Service): string {
  const { current, beside } = runsOf(after, service);
  if (after.life.is !== "living") return "";
  if (current.is === "stopping" && current.next === "backoff") return "restarting";
  if (isLive(current) && beside.is === "stopping") return `run ${current.run} stays`;
  if (current.is === "exited" && orders.length === 0 && intakeOf(after, service).stage.is === "resting")
    return "waiting for a change";
  return "";
}
