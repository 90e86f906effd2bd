/** Where a word of a shell line ends, and what a shell makes of it. */
import type { Word } from "./shell.ts";

export interface WordToken {
  readonly is: "word";
  readonly word: Word;
  readonly bare: string;
  readonly to: number;
}

/** A word ends at a blank or an operator that stands outside of quotes. */
export function wordAt(line: string, from: number): WordToken | undefined {
  let text = "";
  let bare = "";
  let isKnown = true;
  let at = from;
  // No file is called `A=…`: what stands there is a pattern to nobody.
  const assignment = /^[A-Za-z_]\w*=/.exec(line.slice(from))?.[0].length ?? 0;
  while (at < line.length && !/[\s;&|<>()]/.test(line.charAt(at))) {
    const sign = line.charAt(at);
    if (sign === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return undefined;
      text += line.slice(at + 1, end);
      at = end + 1;
    } else if (sign === '"') {
      const quoted = doubleQuoted(line, at);
      if (quoted === undefined) return undefined;
      text += quoted.text;
      isKnown &&= quoted.isKnown;
      at = quoted.to;
    } else if (sign === "\\") {
      if (at + 1 >= line.length) return undefined;
      text += line.charAt(at + 1);
      at += 2;
    } else if (sign === "$" || sign === "`") {
      const end = expansionEnd(line, at);
      if (end === undefined) return undefined;
      // A dollar before nothing that can be a name is a dollar.
      if (end === at + 1) text += sign;
      else isKnown = false;
      at = end;
    } else {
      if (assignment === 0 && /[*?[]/.test(sign)) isKnown = false;
      if (sign === "~" && (at === from || (assignment > 0 && /[=:]/.test(line.charAt(at - 1))))) isKnown = false;
      if (sign === "{" && /^\{[^{}\s]*,[^{}\s]*\}/.test(line.slice(at))) isKnown = false;
      text += sign;
      bare += sign;
      at += 1;
    }
  }
  const raw = line.slice(from, at);
  return { is: "word", word: { raw, text: isKnown ? text : undefined }, bare, to: at };
}

function doubleQuoted(line: string, from: number): { text: string; isKnown: boolean; to: number } | undefined {
  let text = "";
  let isKnown = true;
  for (let at = from + 1; at < line.length; ) {
    const sign = line.charAt(at);
    if (sign === '"') return { text, isKnown, to: at + 1 };
    if (sign === "\\" && /[$`"\\\n]/.test(line.charAt(at + 1))) {
      text += line.charAt(at + 1);
      at += 2;
    } else if (sign === "$" || sign === "`") {
      const end = expansionEnd(line, at);
      if (end === undefined) return undefined;
      if (end === at + 1) text += sign;
      else isKnown = false;
      at = end;
    } else {
      text += sign;
      at += 1;
    }
  }
  return undefined;
}

/** Behind `$NAME`, `${…}`, `$(…)` or a command in backquotes; `undefined` if it is never closed. */
function expansionEnd(line: string, at: number): number | undefined {
  const rest = line.slice(at);
  if (rest.startsWith("`")) {
    const end = line.indexOf("`", at + 1);
    return end < 0 ? undefined : end + 1;
  }
  const name = /^\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(rest)?.[0];
  if (name !== undefined) return at + name.length;
  const open = rest.charAt(1);
  if (open !== "{" && open !== "(") return at + 1;
  const closing = open === "{" ? "}" : ")";
  for (let end = at + 2, depth = 1; end < line.length; end += 1) {
    if (line.charAt(end) === open) depth += 1;
    else if (line.charAt(end) === closing) depth -= 1;
    if (depth === 0) return end + 1;
  }
  return undefined;
}

/** Behind the `)` that closes the one at `from`; `undefined` if it is never closed, or is one of arithmetic. */
export function groupEnd(line: string, from: number): number | undefined {
  if (line.startsWith("((", from)) return undefined;
  let depth = 0;
  for (let at = from; at < line.length; ) {
    const sign = line.charAt(at);
    const end = sign === "'" ? line.indexOf("'", at + 1) + 1 : sign === '"' ? doubleQuoted(line, at)?.to : at + 1;
    const next = sign === "\\" ? at + 2 : sign === "$" || sign === "`" ? expansionEnd(line, at) : end;
    if (next === undefined || next === 0) return undefined;
    depth += sign === "(" ? 1 : sign === ")" ? -1 : 0;
    at = next;
    if (depth === 0) return at;
  }
  return undefined;
}
