/** Problems as people read them: where, what, the line, a caret, and what to do. Pure: strings in, strings out. */
import type { Place, Problem } from "../core/problem.ts";
import type { Colors } from "./colour.ts";
import { leadOf, plural, printable } from "./words.ts";

/** No line of a frame is longer, so that a minified file does not fill the screen. */
const widestFrame = 110;
const tabWidth = 4;

/**
 * `FILE:LINE:COLUMN: message`, and below it the line with a caret and the hint. Without a trailing newline.
 * Control characters from files are shown, not obeyed.
 */
export function problemText(problem: Problem, colors: Colors): string {
  const { severity, place, message, hint } = problem;
  const paint = severity === "error" ? colors.red : colors.yellow;
  const where =
    place === undefined ? printable(leadOf(problem) ?? "") : `${printable(place.file)}:${place.line}:${place.column}`;
  const head = `${where === "" ? "" : `${colors.bold(where)}: `}${severity === "warning" ? `${paint("warning")}: ` : ""}${paint(printable(message))}`;
  const frame = place === undefined || place.text === "" ? [] : codeFrame(place, paint, colors);
  const margin = " ".repeat(frame.length === 0 ? 2 : gutter(place).length);
  const advice = hint === undefined ? [] : hint.split("\n").map((line) => `${margin}${colors.cyan(printable(line))}`);
  return [head, ...frame, ...advice].map((line) => line.trimEnd()).join("\n");
}

/** All of them, with a line between two, and their number if there is more than one error. */
export function problemsText(problems: readonly Problem[], colors: Colors): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const count = errors > 1 ? [colors.dim(`${plural(errors, "error")}`)] : [];
  return [...problems.map((problem) => problemText(problem, colors)), ...count].join("\n\n");
}

const gutter = (place: Place | undefined): string => `  ${place?.line ?? ""} | `;

function codeFrame(place: Place, paint: (text: string) => string, colors: Colors): string[] {
  const { before, marked, after } = cut(place);
  const margin = gutter(place);
  const line = `${colors.dim(margin)}${before}${marked}${after}`;
  const caret = paint("^".repeat(Math.max(1, width(marked))));
  return [line, `${" ".repeat(margin.length + width(before))}${caret}`];
}

/** The line in three parts, shortened around what is marked, tabs as spaces. */
function cut({ text, column, length }: Place): { before: string; marked: string; after: string } {
  const show = (part: string): string => printable(part.replaceAll("\t", " ".repeat(tabWidth)));
  let before = show(text.slice(0, column - 1));
  let marked = show(text.slice(column - 1, column - 1 + length));
  let after = show(text.slice(column - 1 + length));
  if (before.length > widestFrame / 2) before = `…${before.slice(-widestFrame / 2)}`;
  if (marked.length > widestFrame / 2) {
    marked = `${marked.slice(0, widestFrame / 2)}…`;
    after = "";
  }
  if (before.length + marked.length + after.length > widestFrame)
    after = `${after.slice(0, Math.max(0, widestFrame - before.length - marked.length))}…`;
  return { before, marked, after };
}

/** Columns on a terminal: East Asian characters and emoji take two, combining marks none. */
function width(text: string): number {
  let columns = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text))
    columns += wide.test(segment) ? 2 : 1;
  return columns;
}

const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;
