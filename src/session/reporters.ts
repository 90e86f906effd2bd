/** Who is told what happens, and the streams and files they write to. */
import { StringDecoder } from "node:string_decoder";
import { drained, passOn } from "../adapters/process/tap.ts";
import { reasonOf } from "../core/errors.ts";
import { type JobId, jobName } from "../core/job.ts";
import type { Problem } from "../core/problem.ts";
import type { Fact, Plan, Service } from "../core/types.ts";
import { type ColorMode, hasColor, palette } from "../report/colour.ts";
import type { TimedEvent } from "../report/json/json.ts";
import type { Moment, Note, Report } from "../report/moment.ts";
import { paintName, widthOfNames } from "../report/names.ts";
import { brokenFor } from "../report/narrow.ts";
import { problemText } from "../report/problem.ts";
import { isSpoken, spoken } from "../report/spoken.ts";
import { createTerminalReport } from "../report/terminal.ts";
import type { Io } from "./io.ts";
import type { LineFile } from "./line-file.ts";
import type { Prefixed } from "./prefixed.ts";
import { areSeveral, type Settings } from "./settings.ts";

/** What is to be told to whom. */
export interface Reports {
  readonly color: ColorMode;
  /** `true`: to stdout, else to this file. */
  readonly json: string | true | undefined;
  /** A file for every fact. */
  readonly trace: string | undefined;
  /** A program that has started this session, and hears what `--json` would write. */
  readonly hear?: (event: TimedEvent) => void;
}

export interface Reporters {
  readonly report: Report;
  /** Somebody else who watches; told what happened until now as well, as far as it is not too much. */
  add(report: Report): void;
  /** One more, from now on. */
  watch(report: Report): void;
  /** What the terminal was told of the last thing that went wrong. */
  lastError(): string | undefined;
  /** The last lines that were printed into a pipe, oldest first. */
  said(): readonly string[];
  /** As in `TerminalReport`. */
  printed(job: JobId): string;
  readonly output: {
    /** Somebody wants to read what runs print; else it may stay theirs. What is made is read in any case: its last words are its error. */
    readonly isRead: boolean;
    /** A promise means: no more for now, until it resolves. */
    take(job: JobId, stream: "stdout" | "stderr", chunk: Buffer): Promise<void> | undefined;
  };
  /** Of the files that are written. */
  descriptors(): number[];
  close(): void;
}

export interface ReporterParts {
  readonly reports: Reports;
  readonly once: boolean;
  readonly io: Io;
  settings(): Settings;
  /** What is opened in the browser. */
  address(service: Service): string | undefined;
  note(note: Note): void;
}

export type OpenedReporters =
  | { readonly ok: true; readonly reporters: Reporters }
  | { readonly ok: false; readonly problem: Problem };

export async function openReporters({
  reports,
  once,
  io,
  settings,
  address,
  note,
}: ReporterParts): Promise<OpenedReporters> {
  const { clock, stdout, stderr } = io;
  const colors = palette(hasColor(reports.color, io.env, stderr));
  const isHeard = isSpoken(io.env);
  const lineFiles: LineFile[] = [];
  const close = (): void => {
    for (const lineFile of lineFiles) lineFile.close();
  };
  const open = async (option: string, path: string): Promise<((text: string) => void) | Problem> => {
    try {
      const { openLineFile } = await import("./line-file.ts");
      const lineFile = openLineFile(path, (message) =>
        note({ type: "warned", problem: { code: "session/unwritable", severity: "warning", message } }),
      );
      lineFiles.push(lineFile);
      return lineFile.write;
    } catch (error) {
      close();
      return {
        code: "session/unwritable",
        severity: "error",
        origin: option,
        message: `${path} cannot be written: ${reasonOf(error)}`,
      };
    }
  };
  const plan = (): Plan => settings().plan;
  let said: string[] = [];
  const terminal = createTerminalReport({
    colors,
    checked: (service) => settings().plan.services.get(service)?.checked ?? false,
    once,
    address,
    clears: () => settings().clear && stderr.isTTY === true,
    hasKeys: () => settings().keys && io.stdin.isTTY === true,
    plan,
    prefix: (services) => {
      const width = services.length > 1 ? 0 : widthOfNames(plan());
      return `${services.map((name) => paintName(name, [...plan().services.keys()], width, colors)).join(", ")} `;
    },
    problem: (problem) => problemText(problem, colors),
    write: (text) => {
      if (stderr.isTTY !== true) said = [...said, ...linesOf(text)].slice(-mostSaid);
      stderr.write(text);
    },
    level: () => settings().level,
    time: () => settings().time,
    clear: () => settings().clear,
    isTerminal: stderr.isTTY === true && io.env["TERM"] !== "dumb" && !isHeard,
    isRead: stderr.isTTY === true,
    shaped: (text) => {
      const words = isHeard ? spoken(text) : text;
      return stderr.isTTY === true ? brokenFor(stderr.columns ?? 80, words) : words;
    },
    columns: () => stderr.columns ?? 80,
    mayDraw: () =>
      io.streams === "lent" &&
      io.terminal?.isForeground() !== false &&
      ![...settings().services.values()].some((settings) => settings.process?.stdin === true),
    clock,
  });
  const all: Report[] = [terminal.report];
  const { json, trace, hear } = reports;
  const started = clock.date().getTime() - clock.now();
  const timeOf = (at: number): Date => new Date(started + at);
  if (json !== undefined) {
    const write = json === true ? (text: string) => void stdout.write(text) : await open("--json", json);
    if (typeof write !== "function") return { ok: false, problem: write };
    all.push((await import("../report/json/json.ts")).createJson(write, timeOf));
  }
  if (hear !== undefined) all.push((await import("../report/json/json.ts")).createEvents(hear, timeOf));
  if (trace !== undefined) {
    const write = await open("--trace", trace);
    if (typeof write !== "function") return { ok: false, problem: write };
    all.push((await import("../report/trace.ts")).createTrace(write, () => settings().plan));
  }
  let early: Moment[] | undefined = [];
  let earlyLength = 0;
  const write = (stream: "stdout" | "stderr", chunk: Buffer) => {
    terminal.beforeOutput();
    return passOn(stream === "stdout" ? stdout : stderr, chunk);
  };
  const outputColors = palette(hasColor(reports.color, io.env, stdout));
  let prefixed: Prefixed | undefined;
  /** Only who has several programs pays for it. */
  const openPrefixed = async (): Promise<void> => {
    if (prefixed !== undefined || !areSeveral(settings())) return;
    const { createPrefixed } = await import("./prefixed.ts");
    prefixed ??= createPrefixed({ write, colors: (stream) => (stream === "stdout" ? outputColors : colors), plan });
  };
  await openPrefixed();
  const pass = (job: JobId, stream: "stdout" | "stderr", chunk: Buffer): Promise<void> | undefined =>
    prefixed !== undefined && areSeveral(settings()) ? prefixed.take(job, stream, chunk) : write(stream, chunk);
  const report: Report = (moment) => {
    if (moment.type === "turn" && isOver(moment.fact)) prefixed?.end(moment.fact.job);
    if (moment.type === "configured") void openPrefixed();
    if (moment.type === "output") earlyLength += moment.text.length;
    if (early !== undefined && early.length < mostEarly && earlyLength < mostEarlyOutput) early.push(moment);
    for (const each of all) each(moment);
  };
  return {
    ok: true,
    reporters: {
      report,
      watch: (reporter) => void all.push(reporter),
      add(reporter) {
        for (const moment of early ?? []) reporter(moment);
        early = undefined;
        all.push(reporter);
      },
      lastError: terminal.lastError,
      said: () => said,
      printed: terminal.printed,
      output: {
        get isRead() {
          return json !== undefined || io.streams === "kept" || settings().keepsOutput || areSeveral(settings());
        },
        take: reader(io, reports, pass, report, terminal.beforeOutput),
      },
      descriptors: () => lineFiles.map(({ descriptor }) => descriptor),
      close() {
        prefixed?.close();
        terminal.close();
        close();
      },
    },
  };
}

/** What has been printed until now is all that is known to come. */
const isOver = (fact: Fact): fact is Extract<Fact, { type: "jobEnded" | "runExited" | "runGone" }> =>
  fact.type === "jobEnded" || fact.type === "runExited" || fact.type === "runGone";

/** Nobody else writes such a line: each has the number of a run, or the name of a file. */
const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.length >= shortestSaid);

/** In characters, and so many lines. */
const shortestSaid = 16;
const mostSaid = 20;

/** So many moments are kept for whoever comes later. */
const mostEarly = 1_000;
/** In characters. */
const mostEarlyOutput = 1_000_000;

/** What programs print is passed on, unless stdout is taken by `--json`, and told to whoever watches. */
function reader(
  io: Io,
  { json }: Reports,
  pass: (job: JobId, stream: "stdout" | "stderr", chunk: Buffer) => Promise<void> | undefined,
  report: Report,
  beforeOutput: () => void,
): Reporters["output"]["take"] {
  const { stdout, clock } = io;
  // A character may be cut by the end of a chunk: each stream has a decoder of its own.
  const decoders = new Map<string, StringDecoder>();
  return (job, stream, chunk) => {
    beforeOutput();
    const passed = json === true ? undefined : pass(job, stream, chunk);
    const key = `${jobName(job)} ${stream}`;
    const decoder = decoders.get(key) ?? new StringDecoder("utf8");
    decoders.set(key, decoder);
    const text = decoder.write(chunk);
    if (text !== "") report({ at: clock.now(), type: "output", job, stream, text });
    // A reader that is slower than the program slows the program down, as a pipe between the two would.
    return passed ?? (json === true ? drained(stdout) : undefined);
  };
}
