/** Which reporters a run has, and the streams they write to. */
import { StringDecoder } from "node:string_decoder";
import { now } from "../adapters/clock.ts";
import { drained, passOn } from "../adapters/process/tap.ts";
import { reasonOf } from "../adapters/system/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Given } from "../line/options.ts";
import { hasColor, palette } from "../report/colour.ts";
import { createJson } from "../report/json.ts";
import type { Note, Report } from "../report/moment.ts";
import { problemText } from "../report/problem.ts";
import { createTerminal } from "../report/terminal.ts";
import { createTrace } from "../report/trace.ts";
import { type LineFile, openLineFile } from "./line-file.ts";
import type { Settings } from "./settings.ts";
import type { WorldParts } from "./world.ts";

export interface Reporters {
  readonly report: Report;
  /** Present when somebody reads what programs print; what is told to it becomes a note. */
  readonly onOutput: WorldParts["onOutput"];
  close(): void;
}

export type Opened =
  | { readonly ok: true; readonly reporters: Reporters }
  | { readonly ok: false; readonly problem: Problem };

export function openReporters(given: Given, settings: () => Settings, note: (note: Note) => void): Opened {
  const colors = palette(hasColor(given.color, process.env, process.stderr));
  const lineFiles: LineFile[] = [];
  const open = (option: string, path: string): ((text: string) => void) | Problem => {
    try {
      const lineFile = openLineFile(path, (message) =>
        note({ type: "warned", problem: { severity: "warning", message } }),
      );
      lineFiles.push(lineFile);
      return lineFile.write;
    } catch (error) {
      return { severity: "error", origin: option, message: `${path} cannot be written: ${reasonOf(error)}` };
    }
  };
  const terminal = createTerminal({
    colors,
    checked: () => settings().ready !== undefined,
    once: given.once,
    problem: (problem) => problemText(problem, colors),
    write: (text) => void process.stderr.write(text),
    level: () => settings().level,
    time: () => settings().time,
    clear: () => settings().clear,
    isTerminal: process.stderr.isTTY === true,
  });
  const reports: Report[] = [terminal.report];
  if (given.json !== undefined) {
    const write = given.json === true ? (text: string) => void process.stdout.write(text) : open("--json", given.json);
    if (typeof write !== "function") return { ok: false, problem: write };
    const started = Date.now() - now();
    reports.push(createJson(write, (at) => new Date(started + at)));
  }
  if (given.trace !== undefined) {
    const write = open("--trace", given.trace);
    if (typeof write !== "function") return { ok: false, problem: write };
    reports.push(createTrace(write, () => settings().policy));
  }
  return {
    ok: true,
    reporters: {
      report(moment) {
        for (const report of reports) report(moment);
      },
      onOutput: given.json === undefined ? undefined : readAs(given.json === true, note),
      close() {
        terminal.close();
        for (const lineFile of lineFiles) lineFile.close();
      },
    },
  };
}

/** Output as notes; where the streams are to stay as they are, it is passed on as well. */
function readAs(isStdoutTaken: boolean, note: (note: Note) => void): NonNullable<WorldParts["onOutput"]> {
  // A character may be cut by the end of a chunk: each stream has a decoder of its own.
  const decoders = new Map<string, StringDecoder>();
  return (from, number, stream, chunk) => {
    const passed = isStdoutTaken ? undefined : passOn(stream, chunk);
    const key = `${from} ${number} ${stream}`;
    const decoder = decoders.get(key) ?? new StringDecoder("utf8");
    decoders.set(key, decoder);
    const text = decoder.write(chunk);
    if (text !== "") note({ type: "output", from, number, stream, text });
    // A reader that is slower than the program slows the program down, as a pipe between the two would.
    return passed ?? (isStdoutTaken ? drained(process.stdout) : undefined);
  };
}
