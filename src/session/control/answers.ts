/** What a question about the state of things is answered with, for people and for programs. */
import { stripVTControlCharacters } from "node:util";
import type { FinalAnswer } from "../../adapters/control/channel.ts";
import type { House } from "../../core/house.ts";
import type { Problem } from "../../core/problem.ts";
import { stateOf } from "../../core/serving.ts";
import type { Plan, Service } from "../../core/types.ts";
import { problemLine, shortDuration } from "../../report/words.ts";
import type { Ledger } from "./ledger.ts";
import type { ServiceAnswer } from "./marks.ts";
import { headline, placesIn } from "./places.ts";

/** So much of what a failed job printed is worth a look. */
const mostLines = 40;

export interface View {
  readonly house: House;
  readonly plan: Plan;
  readonly ledger: Ledger;
  /** On the clock of the engine. */
  readonly now: number;
  /** Of the proxies, by service. */
  readonly urls: ReadonlyMap<Service, string>;
  /** What runs print is read; else it passes through the terminal and nobody has it. */
  readonly isRead: boolean;
}

export const end = (code: number, text: string, value: unknown = null): FinalAnswer => ({
  type: "end",
  code,
  text,
  value,
});

/** What to open where nothing is said of a service. */
export const firstOf = (urls: View["urls"]): string | null => urls.values().next().value ?? null;

/** A configuration that is refused: what was asked for is not what runs. */
export const refusedAnswer = (problems: readonly Problem[], { urls }: View): FinalAnswer =>
  wrongAnswer("config", problems, "", [], firstOf(urls));

function wrongAnswer(
  stage: "config" | "check",
  problems: readonly Problem[],
  prefix: string,
  changes: readonly string[],
  url: string | null,
): FinalAnswer {
  const errors = problems.map(({ place, origin, message }) => ({
    file: place?.file ?? (stage === "check" ? (origin ?? null) : null),
    line: place?.line ?? null,
    column: place?.column ?? null,
    message,
  }));
  const lines = problems.flatMap((problem) => [
    problemLine(problem),
    ...(stage === "check" && problem.hint !== undefined ? [`  ${problem.hint}`] : []),
  ]);
  return end(1, `${prefix}failed: ${stage} · ${lines.join("\n")}`, {
    state: "failed",
    stage,
    run: null,
    url,
    changes,
    errors,
    output: "",
  });
}

/** How a wait ended. `isOver`: its time, not the work. */
export function waitAnswer(answers: readonly ServiceAnswer[], view: View, isOver: boolean): FinalAnswer {
  const ending = answerOfOne(answers, view, isOver);
  const named = answers.filter(({ service }) => service !== "");
  if (named.length === 0 || typeof ending.value !== "object" || ending.value === null) return ending;
  return { ...ending, value: { ...ending.value, services: named.map((one) => memberOf(one, view)) } };
}

/** Each of the services that were asked about: what all of them share is said once, above. */
const memberOf = ({ service, standing }: ServiceAnswer, { house, plan, ledger, urls }: View): unknown => ({
  name: service,
  state: standing.is === "broken" ? "failed" : stateOf(house, service, plan),
  run: standing.is === "served" ? (standing.run ?? null) : (ledger.of(service).run ?? null),
  url: urls.get(service) ?? null,
  changes: ledger.of(service).changes,
});

function answerOfOne(answers: readonly ServiceAnswer[], view: View, isOver: boolean): FinalAnswer {
  const broken = answers.find(({ standing: { is } }) => is === "broken");
  if (broken !== undefined) return failedAnswer(broken, view);
  const late = answers.find(({ standing: { is } }) => is === "late");
  if (late !== undefined) return notYet(late.service, view, "late");
  const pending = answers.find(({ standing: { is } }) => is === "under way");
  if (pending !== undefined || isOver) return notYet((pending ?? answers[0])?.service ?? "", view, "over");
  const lines = answers.map(({ service, standing }) => {
    const run = standing.is === "served" ? standing.run : undefined;
    return readyLine(service, run, view);
  });
  const [first] = answers;
  const run = first?.standing.is === "served" ? (first.standing.run ?? null) : null;
  const states = new Set(answers.map(({ service }) => fineState(service, view)));
  return end(0, lines.join("\n"), {
    state: states.size === 1 ? [...states][0] : "ready",
    stage: null,
    run,
    url: view.urls.get(first?.service ?? "") ?? firstOf(view.urls),
    changes: [...new Set(answers.flatMap(({ service }) => view.ledger.of(service).changes))],
    errors: [],
    output: "",
  });
}

/** What has been answered runs, has ended by itself with 0, or is meant to be stopped. */
function fineState(service: Service, { house, plan }: View): "ready" | "ended" | "stopped" {
  const state = stateOf(house, service, plan);
  return state === "ended" || state === "stopped" ? state : "ready";
}

function readyLine(service: Service, run: number | undefined, view: View): string {
  const { ledger, urls } = view;
  const { history, changes } = ledger.of(service);
  const state = fineState(service, view);
  const prefix = service === "" ? "" : `${service} `;
  if (state === "stopped") return `${prefix}stopped: reload start${service === "" ? "" : ` ${service}`} starts it`;
  const phases = history.findLast((one) => one.run === run);
  const parts = [
    `${prefix}${state}${run === undefined ? "" : `: run ${run}`}`,
    urls.get(service) ?? "",
    [
      ...(phases?.buildMs === undefined ? [] : [`build ${shortDuration(phases.buildMs)}`]),
      ...(phases?.readyMs === undefined ? [] : [`ready ${shortDuration(phases.readyMs)}`]),
    ].join(", "),
    changes.length === 0 ? "" : `${changes.length} ${changes.length === 1 ? "change" : "changes"}`,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function failedAnswer({ service, standing }: ServiceAnswer, { ledger, urls, isRead }: View): FinalAnswer {
  const url = urls.get(service) ?? null;
  const what = standing.is === "broken" ? standing.what : undefined;
  const { failed, changes } = ledger.of(service);
  const behind = what?.is === "before" ? `waits for ${what.services.join(", ")}, which failed` : undefined;
  const stage = failed?.stage ?? "run";
  const message = behind ?? failed?.message ?? "it does not run";
  const run = what?.is === "run" ? (what.run ?? null) : null;
  const prefix = service === "" ? "" : `${service}: `;
  const wrong = what?.is === "held" ? what.files.flatMap(({ problems }) => problems) : failed?.problems;
  if (wrong !== undefined && behind === undefined) return wrongAnswer("check", wrong, prefix, changes, url);
  const output = behind === undefined ? (failed?.output ?? "") : "";
  const errors = placesIn(output);
  const head = headline(errors) ?? message;
  const lines = stripVTControlCharacters(output).trimEnd().split("\n");
  const shown = output.trim() === "" ? [] : lines.slice(-mostLines);
  const rest =
    lines.length > shown.length && shown.length > 0
      ? [`all of it: reload logs${stage === "run" || stage === "ready" ? "" : " --build"}`]
      : [];
  const isUnread = !isRead && behind === undefined && failed?.hadProcess === true;
  const unread = isUnread ? ["what it printed passed through unread; [log] keep = true keeps it"] : [];
  const text = [`${prefix}failed: ${stage} · ${head}`, ...shown, ...rest, ...unread].join("\n");
  const members = {
    state: "failed",
    stage,
    run,
    url,
    changes,
    errors: errors.length > 0 ? errors : [{ file: null, line: null, column: null, message }],
    output,
  };
  return end(1, text, members);
}

function notYet(service: Service, { house, plan, ledger, now, urls }: View, why: "late" | "over"): FinalAnswer {
  const known = stateOf(house, service, plan);
  // The time was over before everything had been looked at: what there is to be built is not known yet.
  const isLooking = why === "over" && (known === "ready" || known === "ended" || known === "stopped");
  const state = isLooking ? "building" : known;
  const { failed, changedAt, changes, run } = ledger.of(service);
  const since = changedAt === undefined ? "" : ` for ${shortDuration(now - changedAt)}`;
  const prefix = service === "" ? "" : `${service}: `;
  const text =
    why === "late"
      ? `${prefix}late: ${failed?.message ?? "not ready in time"}`
      : `${prefix}still ${isLooking ? "looking for what has changed" : `${state}${since}`}`;
  return end(3, text, {
    state: why === "late" ? "starting" : state,
    stage: why === "late" ? "ready" : null,
    run: run ?? null,
    url: urls.get(service) ?? null,
    changes,
    errors: [],
    output: "",
  });
}
