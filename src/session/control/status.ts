/** What `reload status` says of a session and its services. */
import type { FinalAnswer } from "../../adapters/control/channel.ts";
import { type House, heldOf } from "../../core/house.ts";
import { type ServiceState, stateOf } from "../../core/serving.ts";
import type { Service } from "../../core/types.ts";
import { printable, problemLine, several, shortDuration } from "../../report/words.ts";
import { end, type View } from "./answers.ts";
import type { Failed, LedgerEntry } from "./ledger.ts";

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
  const rows = services.map((service) => ({
    service,
    state: stateOf(house, service, plan),
    entry: ledger.of(service),
    error: errorOf(ledger.of(service), house, service),
  }));
  const head = [
    `reload ${about.version}`,
    `pid ${process.pid}`,
    `up ${shortDuration(about.upMs)}`,
    `${about.config ?? "no configuration file"} (version ${about.configVersion})`,
    ...new Set(view.urls.values()),
    ...(house.isPaused ? ["paused"] : []),
    ...(about.isBackground ? ["in the background"] : []),
  ].join(" · ");
  const table = aligned(rows.map(({ service, state, entry, error }) => cells(service, state, entry, error, now)));
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
function errorOf({ failed }: LedgerEntry, house: House, service: Service): Wrong | undefined {
  if (failed !== undefined) return { stage: failed.stage, message: failed.message };
  const [held] = heldOf(house, service).values();
  const [problem] = held?.problems ?? [];
  return problem === undefined ? undefined : { stage: "check", message: problemLine(problem) };
}

function cells(
  service: Service,
  state: ServiceState,
  { run, startedAt, pid, changes }: LedgerEntry,
  failed: Wrong | undefined,
  now: number,
): string[] {
  return [
    service === "" ? "" : service,
    state,
    run === undefined ? "" : `run ${run}`,
    pid === undefined || startedAt === undefined ? "" : `up ${shortDuration(now - startedAt)}`,
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

function historyLines(service: Service, { history }: LedgerEntry): string[] {
  const of = (name: string, values: readonly (number | undefined)[]): string[] => {
    const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
    return sorted.length === 0
      ? []
      : [`${name} p50 ${shortDuration(percentile(sorted, 0.5))}, p95 ${shortDuration(percentile(sorted, 0.95))}`];
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
      `  run ${run}${buildMs === undefined ? "" : `  build ${shortDuration(buildMs)}`}${readyMs === undefined ? "" : `  ready ${shortDuration(readyMs)}`}`,
  );
  return parts.length === 0
    ? []
    : [`last ${history.length} starts${service === "" ? "" : ` of ${service}`}: ${parts.join(" · ")}`, ...one];
}
