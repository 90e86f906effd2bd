/** What a question about the state of things is answered with, for people and for programs. */
import { stripVTControlCharacters } from "node:util";
import type { Ending } from "../../adapters/control/channel.ts";
import { type House, heldOf } from "../../core/house.ts";
import type { Problem } from "../../core/problem.ts";
import { type ServiceState, stateOf } from "../../core/serving.ts";
import type { Plan, Service } from "../../core/types.ts";
import { duration, lineOf, printable, several } from "../../report/words.ts";
import type { Entry, Failed, Ledger } from "./ledger.ts";
import type { Answered } from "./marks.ts";
import { placesIn } from "./places.ts";

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
}

export const end = (code: number, text: string, value: unknown = null): Ending => ({ type: "end", code, text, value });

/** What to open where nothing is said of a service. */
export const firstOf = (urls: View["urls"]): string | null => urls.values().next().value ?? null;

/** A configuration that is refused: what was asked for is not what runs. */
export const refusedAnswer = (problems: readonly Problem[], { urls }: View): Ending =>
  wrongAnswer("config", problems, "", [], firstOf(urls));

function wrongAnswer(
  stage: "config" | "check",
  problems: readonly Problem[],
  prefix: string,
  changes: readonly string[],
  url: string | null,
): Ending {
  const errors = problems.map(({ place, origin, message }) => ({
    file: place?.file ?? (stage === "check" ? (origin ?? null) : null),
    line: place?.line ?? null,
    column: place?.column ?? null,
    message,
  }));
  const lines = problems.flatMap((problem) => [
    lineOf(problem),
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
export function waitAnswer(answers: readonly Answered[], view: View, isOver: boolean): Ending {
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
  const entry = view.ledger.of(first?.service ?? "");
  const run = first?.standing.is === "served" ? (first.standing.run ?? null) : null;
  return end(0, lines.join("\n"), {
    state: "ready",
    stage: null,
    run,
    url: view.urls.get(first?.service ?? "") ?? firstOf(view.urls),
    changes: entry.changes,
    errors: [],
    output: "",
  });
}

function readyLine(service: Service, run: number | undefined, { ledger, urls }: View): string {
  const { history, changes } = ledger.of(service);
  const phases = history.findLast((one) => one.run === run);
  const parts = [
    `${service === "" ? "" : `${service} `}ready${run === undefined ? "" : `: run ${run}`}`,
    urls.get(service) ?? "",
    [
      ...(phases?.buildMs === undefined ? [] : [`build ${duration(phases.buildMs)}`]),
      ...(phases?.readyMs === undefined ? [] : [`ready ${duration(phases.readyMs)}`]),
    ].join(", "),
    changes.length === 0 ? "" : `${changes.length} ${changes.length === 1 ? "change" : "changes"}`,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function failedAnswer({ service, standing }: Answered, { ledger, urls }: View): Ending {
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
  const first = errors.find((error) => error.message !== "");
  const head =
    first === undefined
      ? message
      : `${first.file}:${first.line}${first.column === null ? "" : `:${first.column}`}: ${first.message}`;
  const lines = stripVTControlCharacters(output).trimEnd().split("\n");
  const shown = output.trim() === "" ? [] : lines.slice(-mostLines);
  const rest =
    lines.length > shown.length && shown.length > 0
      ? [`all of it: reload logs${stage === "run" || stage === "ready" ? "" : " --build"}`]
      : [];
  const text = [`${prefix}failed: ${stage} · ${head}`, ...shown, ...rest].join("\n");
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

function notYet(service: Service, { house, plan, ledger, now, urls }: View, why: "late" | "over"): Ending {
  const state = stateOf(house, service, plan);
  const { failed, changedAt, changes, run } = ledger.of(service);
  const since = changedAt === undefined ? "" : ` for ${duration(now - changedAt)}`;
  const prefix = service === "" ? "" : `${service}: `;
  const text =
    why === "late" ? `${prefix}late: ${failed?.message ?? "not ready in time"}` : `${prefix}still ${state}${since}`;
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

// ── status ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface About {
  readonly version: string;
  readonly root: string;
  readonly config: string | undefined;
  readonly configVersion: number;
  readonly upMs: number;
  readonly isBackground: boolean;
}

export function statusAnswer(services: readonly Service[], view: View, about: About, isVerbose: boolean): Ending {
  const { house, plan, ledger, now } = view;
  const rows = services.map((service) => ({
    service,
    state: stateOf(house, service, plan),
    entry: ledger.of(service),
    error: errorOf(ledger.of(service), house, service),
  }));
  const head = [
    `reload ${about.version}`,
    `pid ${process.pid}`,
    `up ${duration(about.upMs)}`,
    `${about.config ?? "no configuration file"} (version ${about.configVersion})`,
    ...new Set(view.urls.values()),
    ...(house.isPaused ? ["paused"] : []),
    ...(about.isBackground ? ["in the background"] : []),
  ].join(" · ");
  const table = aligned(rows.map(({ service, state, entry, error }) => cells(service, state, entry, error, now)));
  const refused = ledger.refused.map((problem) => `configuration refused: ${lineOf(problem)}`);
  const history = isVerbose ? rows.flatMap(({ service, entry }) => historyLines(service, entry)) : [];
  return end(0, [head, ...table, ...refused, ...history].map((line) => line.trimEnd()).join("\n"), {
    pid: process.pid,
    version: about.version,
    root: about.root,
    config: about.config ?? null,
    configVersion: about.configVersion,
    configRefused: ledger.refused.map(({ message }) => message),
    upMs: Math.round(about.upMs),
    paused: house.isPaused,
    background: about.isBackground,
    services: rows.map(({ service, state, entry, error }) => ({
      name: service,
      state,
      run: entry.run ?? null,
      pid: entry.pid ?? null,
      upMs: entry.startedAt === undefined || entry.pid === undefined ? null : Math.round(now - entry.startedAt),
      url: view.urls.get(service) ?? null,
      changes: entry.changes,
      error: error ?? null,
      restarts: entry.history,
    })),
  });
}

type Wrong = Pick<Failed, "stage" | "message">;

/** What has failed, or else what is held back. */
function errorOf({ failed }: Entry, house: House, service: Service): Wrong | undefined {
  if (failed !== undefined) return { stage: failed.stage, message: failed.message };
  const [held] = heldOf(house, service).values();
  const [problem] = held?.problems ?? [];
  return problem === undefined ? undefined : { stage: "check", message: lineOf(problem) };
}

function cells(
  service: Service,
  state: ServiceState,
  { run, startedAt, pid, changes }: Entry,
  failed: Wrong | undefined,
  now: number,
): string[] {
  return [
    service === "" ? "" : service,
    state,
    run === undefined ? "" : `run ${run}`,
    pid === undefined || startedAt === undefined ? "" : `up ${duration(now - startedAt)}`,
    pid === undefined ? "" : `pid ${pid}`,
    failed === undefined ? (changes.length === 0 ? "" : `${several(changes)} changed`) : printable(failed.message),
  ];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => ({ cell, width: widths[column] ?? 0 }))
      .filter(({ width }) => width > 0)
      .map(({ cell, width }) => cell.padEnd(width))
      .join("  "),
  );
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

function historyLines(service: Service, { history }: Entry): string[] {
  const of = (name: string, values: readonly (number | undefined)[]): string[] => {
    const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
    return sorted.length === 0
      ? []
      : [`${name} p50 ${duration(percentile(sorted, 0.5))}, p95 ${duration(percentile(sorted, 0.95))}`];
  };
  const parts = [
    ...of(
      "build",
      history.map(({ buildMs }) => buildMs),
    ),
    ...of(
      "ready",
      history.map(({ readyMs }) => readyMs),
    ),
  ];
  const one = history.map(
    ({ run, buildMs, readyMs }) =>
      `  run ${run}${buildMs === undefined ? "" : `  build ${duration(buildMs)}`}${readyMs === undefined ? "" : `  ready ${duration(readyMs)}`}`,
  );
  return parts.length === 0
    ? []
    : [`last ${history.length} starts${service === "" ? "" : ` of ${service}`}: ${parts.join(" · ")}`, ...one];
}
