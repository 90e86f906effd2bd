/** The words of a shell line, as far as they can be told without a shell. What cannot is left to one. */

export interface Word {
  /** As it stands in the line, quotes and all. */
  readonly raw: string;
  /** What a shell makes of it; `undefined` where only a shell knows (`$PORT`, `*.js`, `~`). */
  readonly text: string | undefined;
}

export interface Simple {
  /** `NODE_ENV=development` in front of the program. */
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
  /** `2>&1`, `> out.log`. */
  readonly redirections: readonly string[];
}

/** How a command is joined to the one before it; the first is joined to none. */
export type Joint = "" | "&&" | "||" | ";" | "|" | "&";

export interface ShellStep {
  readonly joint: Joint;
  readonly command: Simple;
  /** As it stands in the line. */
  readonly raw: string;
}

export interface ShellLine {
  readonly steps: readonly ShellStep[];
  /** The last command is sent to the background as well. */
  readonly endsInBackground: boolean;
}

/** Words that begin what is more than a list of commands. */
const keywords = new Set(
  "if then else elif fi for while until do done case esac function select { } ! [[ time".split(" "),
);

/** `undefined`: more than a list of plain commands (a loop, a subshell, a here-document), or a quote that is never closed. */
export function readLine(line: string): ShellLine | undefined {
  const steps: ShellStep[] = [];
  let joint: Joint = "";
  let endsInBackground = false;
  let tokens: Token[] = [];
  let from = 0;
  const close = (to: number): boolean => {
    const command = simpleOf(tokens);
    if (command === undefined) return false;
    steps.push({ joint, command, raw: line.slice(from, to).trim() });
    tokens = [];
    return true;
  };
  for (let at = 0; ; ) {
    const token = nextToken(line, at);
    if (token === undefined) return undefined;
    if (token.is === "end") {
      if (tokens.length > 0) return close(line.length) ? { steps, endsInBackground } : undefined;
      // A line may end with `;` or `&`, with nothing else.
      return steps.length > 0 && joint !== "&&" && joint !== "||" && joint !== "|"
        ? { steps, endsInBackground }
        : undefined;
    }
    if (token.is === "joint") {
      if (tokens.length === 0 || !close(token.from)) return undefined;
      joint = token.joint;
      endsInBackground = joint === "&";
      from = token.to;
    } else {
      tokens.push(token);
      endsInBackground = false;
    }
    at = token.to;
  }
}

type Token =
  | { readonly is: "word"; readonly word: Word; readonly bare: string; readonly to: number }
  | { readonly is: "redirection"; readonly raw: string; readonly to: number };
type Lexeme =
  | Token
  | { readonly is: "joint"; readonly joint: Joint; readonly from: number; readonly to: number }
  | { readonly is: "end" };

function nextToken(line: string, start: number): Lexeme | undefined {
  const from = start + (/^(?:[ \t]|\\\r?\n)*/.exec(line.slice(start))?.[0].length ?? 0);
  const rest = line.slice(from);
  if (rest === "" || rest.startsWith("#")) return { is: "end" };
  const joint = /^(?:&&|\|\||;|\n|\||&)/.exec(rest)?.[0];
  if (joint !== undefined && !/^(?:\|&|;;|&>)/.test(rest)) {
    const isJoint = (text: string): text is Joint => ["&&", "||", ";", "|", "&"].includes(text);
    return { is: "joint", joint: isJoint(joint) ? joint : ";", from, to: from + joint.length };
  }
  const redirection = /^\d*(?:>>|>&|<&|>|<)(?![<(])[ \t]*/.exec(rest)?.[0];
  if (redirection !== undefined) {
    const target = wordAt(line, from + redirection.length);
    return target === undefined || target.word.raw === ""
      ? undefined
      : { is: "redirection", raw: `${redirection.trim()}${target.word.raw}`, to: target.to };
  }
  if (/^[()<>&|;]/.test(rest)) return undefined;
  return wordAt(line, from);
}

/** A word ends at a blank or an operator that stands outside of quotes. */
function wordAt(line: string, from: number): Extract<Token, { is: "word" }> | undefined {
  let text = "";
  let bare = "";
  let isKnown = true;
  let at = from;
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
      if (/[*?[]/.test(sign) || (sign === "~" && at === from)) isKnown = false;
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

function simpleOf(tokens: readonly Token[]): Simple | undefined {
  const assignments: { name: string; value: Word }[] = [];
  const words: Word[] = [];
  const redirections: string[] = [];
  for (const token of tokens) {
    if (token.is === "redirection") redirections.push(token.raw);
    else {
      // Quotes inside of the name would make it a word.
      const name = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(token.word.raw)?.[1] : undefined;
      if (name === undefined) words.push(token.word);
      else
        assignments.push({
          name,
          value: { raw: token.word.raw.slice(name.length + 1), text: token.word.text?.slice(name.length + 1) },
        });
    }
  }
  const first = words[0]?.raw;
  return first !== undefined && keywords.has(first) ? undefined : { assignments, words, redirections };
}

// ── back to a line ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A text as one word of a POSIX shell. */
export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** A word whose text is known. */
export const word = (text: string): Word => ({ raw: quote(text), text });

export const lineOf = ({ assignments, words, redirections }: Simple): string =>
  [
    ...assignments.map(({ name, value }) => `${name}=${value.raw}`),
    ...words.map(({ raw }) => raw),
    ...redirections,
  ].join(" ");
