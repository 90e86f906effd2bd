/** Lines in a narrow terminal, which would break them in the middle of words. */
import { widthOf } from "./live-line.ts";

/** From here on a line that is broken by the terminal is told apart well enough, and can be selected and widened as one. */
const wideEnough = 60;

/** What is indented is an excerpt, in which columns count. */
export function brokenFor(columns: number, text: string): string {
  if (columns >= wideEnough || columns < 10) return text;
  return text
    .split("\n")
    .map((line) => (/^\s/.test(line) ? line : broken(line, columns)))
    .join("\n");
}

/** Of a list, as help is, also what is indented: it goes on below itself. */
export function listBrokenFor(columns: number, text: string): string {
  if (columns >= wideEnough || columns < 10) return text;
  return text
    .split("\n")
    .map((line) => {
      if (width(line) <= columns) return line;
      const [lead = ""] = /^\s*/.exec(line) ?? [];
      // A column of blanks between a word and what is said of it would be a row of its own.
      const rows = broken(line.trim().replaceAll(/ {2,}/g, "  "), columns - lead.length);
      return rows.replaceAll(/^/gm, lead);
    })
    .join("\n");
}

/** All that our lines have of such sequences. */
const colours = /\u001b\[[\d;]*m/g;

const width = (text: string): number => widthOf(text.replaceAll(colours, ""));

/** At a separator if that will do, else between words: `run 7` is looked for as one. */
function broken(line: string, columns: number): string {
  if (width(line) <= columns) return line;
  const pieces = line
    .split(/ (?=[→·] )/)
    .flatMap((piece) => (width(piece) + indent.length <= columns ? [piece] : piece.split(" ")));
  const rows: string[] = [];
  let row = "";
  // What is between blanks stays whole, also where it is longer than a row: paths and addresses are clicked on.
  for (const piece of pieces) {
    const longer = row === "" ? piece : `${row} ${piece}`;
    if (row.trim() !== "" && width(longer) > columns) {
      rows.push(row.trimEnd());
      row = `${indent}${piece}`;
    } else row = longer;
  }
  return [...rows, row].join("\n");
}

const indent = "  ";
