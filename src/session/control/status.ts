/** What `reload status` says of a session and its services. */
import type { FinalAnswer } from "../../adapters/control/channel.ts";
import { type House, heldOf } from "../../core/house.ts";
import { type ServiceState, stateOf } from "../../core/serving.ts";
import type { Service } from "../../core/types.ts";
import { printable, problemLine, several, shortDuration } from "../../report/words.ts";
import { end, type View } from "./answers.ts";
import type { Failed, LedgerEntry } from "./ledger.ts";
import { headline, placesIn } from "./places.ts";

export interface About {
  readonly version: string;
  readonly root: string;
  readonly config: string | undefined;
  readonly configVersion: number;
  readonly upMs: number;
  readonly isBackground: boolean;
}

export function statusAnswer(services: readonly Service[], view: View, about: About, isVerbose: boolean): FinalAnswer {
  const { house, plan, ledger, now } = view;
  const rows = services.map((service): Row => {
    const state = stateOf(house, service, plan);
    return { service, state, entry: ledger.of(service), error: errorOf(ledger.of(service), house, service, state) };
  });
  const head = [
    `reload ${about.version}`,
    `pid ${process.pid}`,
    `up ${shortDuration(about.upMs)}`,
    `${about.config ?? "no configuration file"} (version ${about.configVersion})`,
    ...(house.isPaused ? ["paused"] : []),
    ...(about.isBackground ? ["in the background"] : []),
  ].join(" · ");
  const columns = aligned(rows.map((row) => cells(row, view)));
  const table = rows.flatMap((row, at) => [columns[at] ?? "", ...errorLines(row)]);
  const refused = ledger.refused.map((problem) => `configuration refused: ${problemLine(problem)}`);
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
    ending: house.life.is !== "living",
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

interface Row {
  readonly service: Service;
  readonly state: ServiceState;
  readonly entry: LedgerEntry;
  readonly error: Wrong | undefined;
}

/** Where it is wrong as well, if what failed has said so. */
interface Wrong extends Pick<Failed, "stage" | "message"> {
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** What has failed, or else what is held back. What was stopped on purpose has not failed. */
function errorOf({ failed }: LedgerEntry, house: House, service: Service, state: ServiceState): Wrong | undefined {
  if (state === "stopped") return undefined;
  if (failed !== undefined && failed.problems === undefined) {
    const places = placesIn(failed.output);
    const { file, line, column } = places.find(({ message }) => message !== "") ?? nowhere;
    const where = headline(places);
    return {
      stage: failed.stage,
      message: `${failed.message}${where === undefined ? "" : `: ${where}`}`,
      file,
      line,
      column,
    };
  }
  const [held] = heldOf(house, service).values();
  const [problem] = failed?.problems ?? held?.problems ?? [];
  if (problem === undefined) return undefined;
  const { file, line, column } = problem.place ?? { ...nowhere, file: problem.origin ?? null };
  return { stage: "check", message: problemLine(problem), file, line, column };
}

const nowhere = { file: null, line: null, column: null };

function cells({ service, state, entry }: Row, { now, urls }: View): string[] {
  const { run, startedAt, pid, changes, changedAt } = entry;
  const ago = changedAt === undefined ? "" : `, ${shortDuration(now - changedAt)} ago`;
  return [
    service,
    state,
    run === undefined ? "" : `run ${run}`,
    pid === undefined || startedAt === undefined ? "" : `up ${shortDuration(now - startedAt)}`,
    pid === undefined ? "" : `pid ${pid}`,
    urls.get(service) ?? "",
    changes.length === 0 ? "" : `${several(changes)} changed${ago}`,
  ];
}

/** Below the row: it may be longer than any row. */
const errorLines = ({ error }: Row): string[] => (error === undefined ? [] : [`  ${printable(error.message)}`]);

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

function historyLines(service: Service, { history }: LedgerEntry): string[] {
  const of = (name: string, values: readonly (number | undefined)[]): string[] => {
    const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
    return sorted.length === 0
      ? []
      : [`${name} p50 ${shortDuration(percentile(sorted, 0.5))}, p95 ${shortDuration(percentile(sorted, 0.95))}`];
  };
  const phases = [
    ["build", history.map(({ buildMs }) => buildMs)],
    ["stop", history.map(({ stopMs }) => stopMs)],
    ["ready", history.map(({ readyMs }) => readyMs)],
  ] as const;
  const parts = phases.flatMap(([name, values]) => of(name, values));
  const one = history.map(({ run }, at) => {
    const shown = phases.flatMap(([name, values]) => {
      const ms = values[at];
      return ms === undefined ? [] : [`${name} ${shortDuration(ms)}`];
    });
    return [`  run ${run}`, ...shown].join("  ");
  });
  return parts.length === 0
    ? []
    : [
        `${history.length === 1 ? "the last start" : `the last ${history.length} starts`}${service === "" ? "" : ` of ${service}`}: ${parts.join(" · ")}`,
        ...one,
      ];
}
