/** The words of a shell line, as far as they can be told without a shell. What cannot is left to one. */
import { groupEnd, type WordToken, wordAt } from "./words.ts";

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
const keywords = new Set("if then else elif fi for while until do done case esac function select { } ! [[".split(" "));

/** `undefined`: more than a list of plain commands (a loop, a here-document), or a quote that is never closed. */
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
  | WordToken
  /** What stands in parentheses. */
  | { readonly is: "group"; readonly line: string; readonly to: number }
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
  if (rest.startsWith("(")) {
    const to = groupEnd(line, from);
    return to === undefined ? undefined : { is: "group", line: line.slice(from + 1, to - 1).trim(), to };
  }
  if (/^[)<>&|;]/.test(rest)) return undefined;
  return wordAt(line, from);
}

const rawOf = (token: Token | undefined): string | undefined => (token?.is === "word" ? token.word.raw : undefined);

function simpleOf(tokens: readonly Token[]): Simple | undefined {
  const assignments: { name: string; value: Word }[] = [];
  const words: Word[] = [];
  const redirections: string[] = [];
  const [head, ...behind] = tokens;
  // `time -p node a.js`: how long a program that is ended took is for nobody.
  if (rawOf(head) === "time" && behind.length > 0) {
    const timed = rawOf(behind[0]) === "-p" ? behind.slice(1) : behind;
    return rawOf(timed[0])?.startsWith("-") === true ? undefined : simpleOf(timed);
  }
  const hasGroup = tokens.some(({ is }) => is === "group");
  if (hasGroup && (head?.is !== "group" || behind.some(({ is }) => is !== "redirection"))) return undefined;
  for (const token of tokens) {
    if (token.is === "redirection") redirections.push(token.raw);
    else if (token.is === "group") words.push(...ofGroup(token.line));
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

/** The same for what stands in parentheses, which is how it is written again. */
const ofGroup = (line: string): Word[] => [
  { raw: "(", text: "sh" },
  { raw: line, text: "-c" },
  { raw: ")", text: line },
];

/** A line for a shell of its own. */
export const inShell = (line: string): Word[] => [word("sh"), word("-c"), { raw: quote(line), text: line }];

export const lineOf = ({ assignments, words, redirections }: Simple): string =>
  [
    ...assignments.map(({ name, value }) => `${name}=${value.raw}`),
    ...words.map(({ raw }) => raw),
    ...redirections,
  ].join(" ");
