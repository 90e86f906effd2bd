/**
 * What a program prints, as whole lines: of a line that it draws again and again the last state, colours that last over several lines in
 * each of them, and nothing that would move the cursor out of the line. Bytes are kept as they are: texts are in latin1.
 */

/** What is not a whole line yet. */
export interface Remainder {
  readonly text: string;
  /** The colours in force at its beginning. */
  readonly style: string;
}

export const nothingLeft: Remainder = { text: "", style: "" };

export interface CutLine {
  readonly lines: readonly string[];
  readonly rest: Remainder;
}

/** A line that is longer is cut, in bytes. */
export const longestLine = 64 * 1024;

const esc = "\u001b";
const reset = `${esc}[0m`;
/** Of SGR (`ESC [ … m`), and of all that a terminal takes for an order. */
const styles = new RegExp(`${esc}\\[([0-9;:]*)m`, "g");
const orders = new RegExp(`${esc}(?:\\[[0-?]*[ -/]*[@-ln-~]|[78cDEHM])`, "g");
/** The cursor goes back to the beginning of its line. */
const returns = new RegExp(`\r|${esc}\\[[01]?G`);

export function cutLine(before: Remainder, chunk: string): CutLine {
  const parts = `${before.text}${chunk}`.split("\n");
  const last = parts.pop() ?? "";
  const lines: string[] = [];
  let { style } = before;
  const add = (text: string): void => {
    lines.push(shown(text, style));
    style = styleAfter(text, style);
  };
  for (const part of parts) for (const piece of pieces(part)) add(piece);
  const left = pieces(last);
  const rest = left.pop() ?? "";
  for (const piece of left) add(piece);
  return { lines, rest: { text: rest, style } };
}

/** As a line of its own, though its end has not come. */
export function broken({ text, style }: Remainder): CutLine {
  if (text === "") return { lines: [], rest: { text, style } };
  const line = shown(text, style);
  return { lines: line === "" ? [] : [line], rest: { text: "", style: styleAfter(text, style) } };
}

/** Not in the middle of a character of UTF-8. */
function pieces(line: string): string[] {
  const all: string[] = [];
  let rest = line;
  while (rest.length > longestLine) {
    let at = longestLine;
    while (at > longestLine - 4 && (rest.charCodeAt(at) & 0xc0) === 0x80) at--;
    all.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...all, rest];
}

function shown(text: string, style: string): string {
  const states = text.replace(/\r$/, "").split(returns);
  const state = states.findLast((each) => each.replace(orders, "").replace(styles, "").trim() !== "") ?? "";
  // The colours that earlier states have set hold for this one.
  const earlier = states.slice(0, states.lastIndexOf(state)).join("");
  const begin = styleAfter(earlier, style);
  const line = `${begin}${state.replace(orders, "")}`;
  return styleAfter(state, begin) === "" ? line : `${line}${reset}`;
}

function styleAfter(text: string, style: string): string {
  let now = style;
  for (const [whole, numbers] of text.matchAll(styles)) now = /^0*$/.test(numbers ?? "") ? "" : now + whole;
  // What only piles up is as good as its end.
  return now.length > 256 ? now.slice(now.indexOf(esc, now.length - 128)) : now;
}
