/** What was most likely meant where a text is no TOML: the slips that people make, each with what to write instead. */

interface Slip {
  /** The line at which the parser gave up. */
  readonly line: string;
  /** All lines up to it, itself included. */
  readonly before: readonly string[];
  readonly reason: string;
}

/** A hint for the user; `undefined` where nothing better is known than what the parser says. */
export function slipIn(text: string, lineNumber: number, reason: string): string | undefined {
  const lines = text.split(/\r?\n/);
  const slip: Slip = { line: lines[lineNumber - 1] ?? "", before: lines.slice(0, lineNumber), reason };
  for (const look of [
    mergeMark,
    otherFormat,
    oddCharacter,
    comment,
    twice,
    backslash,
    quote,
    bracket,
    value,
    assignment,
  ]) {
    const hint = look(slip, lines);
    if (hint !== undefined) return hint;
  }
  return undefined;
}

function mergeMark(_: Slip, lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/.test(line));
  return at < 0 ? undefined : `a merge was left unfinished: line ${at + 1} is a mark of git's`;
}

function otherFormat({ line, before }: Slip, lines: readonly string[]): string | undefined {
  const first = lines.find((each) => each.trim() !== "" && !each.trim().startsWith("#"))?.trim() ?? "";
  if (/^\{|^\[$|^\[\s*\{/.test(first))
    return 'this looks like JSON; the file is TOML: [proc] on a line, below it cmd = "…"';
  if (/^<\?xml|^<!/.test(first)) return "this looks like XML; the file is TOML";
  const isYaml =
    first === "---" || /^\s*-\s/.test(line) || before.slice(0, -1).some((each) => /^\s*[\w.-]+:\s*$/.test(each));
  const pair = /^\s*(?:-\s+)?"?([\w.-]+)"?\s*:(?!=)\s*(.*?),?\s*$/.exec(line);
  if (pair === null && !isYaml) return undefined;
  if (pair === null) return "this looks like YAML; the file is TOML: key = value, and lists in brackets";
  const [, key = "", rest = ""] = pair;
  if (rest === "") return `this looks like YAML; in TOML a table begins with [${key}] on a line of its own`;
  return `a key is followed by =, not by a colon: ${key} = ${isValue(rest) ? rest : `"${bare(rest)}"`}`;
}

function oddCharacter({ line }: Slip): string | undefined {
  const outside = withoutStrings(line);
  if (/[“”„‟«»‘’‚‛`´]/.test(outside)) return `these are typographic quotes; write straight ones: ${straight(line)}`;
  const odd = /[\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]/.exec(outside)?.[0];
  if (odd === undefined) return undefined;
  return `an invisible character (U+${odd.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}) stands in this line; write it anew with plain blanks`;
}

function comment({ line }: Slip): string | undefined {
  return /^\s*(?:\/\/|\/\*|--|;|%)/.test(line) || /^[^"'#]*(?:"[^"]*"|'[^']*'|\w+)\s*(?:\/\/|\/\*|;\s*\S)/.test(line)
    ? "a comment begins with #"
    : undefined;
}

function backslash({ line, reason }: Slip): string | undefined {
  if (!/escape/.test(reason) && !/(?<!\\)(?:\\\\)*\\"\s*(?:#.*)?$/.test(line)) return undefined;
  const found = [...line.matchAll(/"((?:[^"\\]|\\.)*)(?:"|$)/g)]
    .map(([, inner = ""]) => inner)
    .find((inner) => inner.includes("\\"));
  if (found === undefined) return undefined;
  const text = found.replace(/\\"\s*(?:#.*)?$/, "\\");
  const example = text.includes("'") ? `"${text.replaceAll("\\", "\\\\")}"` : `'${text}'`;
  return `a backslash in double quotes begins an escape; write it twice, or use single quotes: ${example}`;
}

function quote({ line, before }: Slip): string | undefined {
  const block = before.join("\n");
  for (const mark of ['"""', "'''"]) {
    const count = block.split(mark).length - 1;
    if (count % 2 === 1) return `the text that begins with ${mark} is not closed`;
  }
  const open = openString(line);
  if (open === undefined) return undefined;
  const { mark, text } = open;
  const key = /^\s*(?:["']([\w.-]+)|([\w.-]+)["'])\s*=\s*(\S.*)$/.exec(line);
  if (key !== null) return `the key has a quote too many: ${key[1] ?? key[2]} = ${key[3]?.trim()}`;
  const whole = new RegExp(`${mark}(.*)${mark}\\s*,?\\s*$`).exec(line)?.[1];
  if (whole?.includes(mark))
    return `a ${mark} ends the text; around one, use the other kind: ${mark === "'" ? `"${whole}"` : `'${whole}'`}`;
  const end = text.replace(/[\],\s]+$/, "");
  return `the closing quote is missing: ${mark}${end.trimEnd()}${mark}`;
}

function bracket({ line, before }: Slip): string | undefined {
  const header = /^\s*(\[{1,2})\s*([\w."'-]+)\s*(\]{0,2})\s*(?:#.*)?$/.exec(line);
  if (header !== null && header[1]?.length !== header[3]?.length)
    return `a table is written ${header[1]}${header[2]}${"]".repeat(header[1]?.length ?? 1)}`;
  const end = /^\s*([\w.-]+)(\]{1,2})\s*(?:#.*)?$/.exec(line);
  if (end !== null) return `a table is written ${"[".repeat(end[2]?.length ?? 1)}${end[1]}${end[2]}`;
  const plain = withoutStrings(line);
  const headerAnd = /^\s*(\[[\w.-]+\])\s+([\w.-]+\s*=.*)$/.exec(line);
  if (headerAnd !== null) return `${headerAnd[1]} stands on a line of its own, and ${headerAnd[2]} below it`;
  if (/\[[^\]]*S\s+S/.test(plain)) return "a comma is missing between two items of the list";
  let opened: number | undefined;
  let depth = 0;
  before.forEach((each, index) => {
    for (const char of withoutStrings(each)) {
      if (char === "#") break;
      if (char === "[" && depth++ === 0) opened = index;
      if (char === "]") depth = Math.max(0, depth - 1);
    }
  });
  if (depth > 0 && opened !== undefined && opened < before.length - 1 && /=/.test(before[opened] ?? ""))
    return `the list that begins on line ${opened + 1} is not closed by ]`;
  return undefined;
}

/** The same key or the same table once more. */
function twice({ line, before, reason }: Slip): string | undefined {
  if (!/redefine/.test(reason)) return undefined;
  const header = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
  const key = /^\s*([\w."'-]+)\s*=/.exec(line)?.[1];
  const what = header === undefined ? key : `[${header}]`;
  if (what === undefined) return undefined;
  const isSame = (each: string): boolean =>
    header === undefined
      ? each.trim().startsWith(what) && /^[\s=]/.test(each.trim().slice(what.length))
      : each.trim().startsWith(what);
  const first = before.slice(0, -1).findLastIndex(isSame);
  if (first >= 0) return `${what} is there already, on line ${first + 1}: keep one of them`;
  const dotted = header === undefined ? -1 : dottedKeyOf(header, before.slice(0, -1));
  if (dotted < 0) return undefined;
  return `a dotted key has begun ${what} on line ${dotted + 1}: write all of it in one of the two ways`;
}

/** The line with a key of this table that is written from above: `[a]`, then `b.c = 1`, is `[a.b]`. */
function dottedKeyOf(header: string, lines: readonly string[]): number {
  let table = "";
  return lines.findIndex((line) => {
    const opened = /^\s*\[+\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (opened !== undefined) table = `${opened}.`;
    const key = /^\s*([\w."'-]+)\s*=/.exec(line)?.[1];
    return (
      key !== undefined && opened === undefined && `${table}${key}`.startsWith(`${header}.`) && table !== `${header}.`
    );
  });
}

/** What follows the = is not a value. */
function value({ line }: Slip): string | undefined {
  const pair = /^\s*([\w."'-]+)\s*=\s*([^\s#][^#]*?)\s*(?:#.*)?$/.exec(line);
  if (pair === null)
    return /^\s*[\w.-]+\s*=\s*(?:#.*)?$/.test(line) ? 'a value is missing after =; empty text is ""' : undefined;
  const [, , text = ""] = pair;
  if (/^=|^>/.test(text)) return `a key is followed by a single =: ${pair[1]} = ${text.replace(/^[=>]+\s*/, "")}`;
  if (/^["'[{].*["'\]}]\s*[,;]+$/.test(text)) return `nothing can follow a value: remove the ${text.at(-1)} at the end`;
  const list = /^\[([^"'[\]{}]*)\]$/.exec(text)?.[1];
  if (list !== undefined)
    return `text needs quotes: [${list
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "")
      .map((item) => (isValue(item) ? item : `"${bare(item)}"`))
      .join(", ")}]`;
  if (/^(?:"[^"]*"|'[^']*')\s+\S/.test(text)) return 'one value stands after =; several are a list: ["a", "b"]';
  const inTable = /^\{(?:.*?[{,])?\s*"?([\w.-]+)"?\s*:\s*("[^"]*"|'[^']*'|[^,}\s]+)/.exec(text);
  if (inTable !== null)
    return `in a table a key is followed by =: ${inTable[1]} = ${isValue(inTable[2] ?? "") ? inTable[2] : `"${bare(inTable[2] ?? "")}"`}`;
  if (/^["'[{]/.test(text)) return undefined;
  const round = /^\((.*)\)[,;]?$/.exec(text)?.[1];
  if (round !== undefined) return `a list stands in square brackets: [${round}]`;
  const word = text.replace(/[,;]+$/, "");
  if (isValue(word)) return `nothing can follow a value: remove the ${text.slice(word.length)} at the end`;
  if (/^(?:true|yes|on|y|enabled?)$/i.test(word)) return "yes is written true, in small letters";
  if (/^(?:false|no|off|n|disabled?)$/i.test(word)) return "no is written false, in small letters";
  if (/^(?:null|nil|none|undefined|~)$/i.test(word)) return "there is no such value in TOML: leave the key out";
  if (/^[-+]?0\d+$/.test(word))
    return `a number does not begin with 0: ${word.replace(/^([-+]?)0+(?=\d)/, "$1")}, or in quotes: "${word}"`;
  if (/^[-+]?(?:\.\d+|\d+\.)$/.test(word))
    return `a number has digits on both sides of the point: ${word.replace(/^([-+]?)\./, "$10.").replace(/\.$/, ".0")}`;
  if (/^\d{1,3}(?:,\d{3})+$/.test(word)) return `a number has no commas: ${word.replaceAll(",", "")}`;
  return `text needs quotes: "${bare(word)}"`;
}

/** There is no = at all, or it is another sign. */
function assignment({ line }: Slip): string | undefined {
  const walrus = /^\s*([\w.-]+)\s*(?::=|=>|->|\?=|\+=)\s*(.*)$/.exec(line);
  if (walrus !== null) return `a key is followed by =: ${walrus[1]} = ${walrus[2]}`;
  if (/^\s*(?:export\s+default\b|module\.exports\b|(?:const|let|var)\s)/.test(line))
    return 'this looks like JavaScript; the file is TOML: [proc] on a line, below it cmd = "…"';
  const shell = /^\s*(?:export|set|setenv)\s+([\w.-]+)[=\s]\s*(\S.*)$/.exec(line);
  if (shell !== null)
    return `this looks like a shell; a variable stands in [proc] env: ${shell[1]} = "${bare(shell[2] ?? "")}"`;
  const two = /^\s*([\w.-]+)\s+(?!=)(\S.*)$/.exec(line);
  if (two !== null && !/^\s*\[/.test(line))
    return `a key and its value have = between them: ${two[1]} = ${isValue(two[2] ?? "") ? two[2] : `"${bare(two[2] ?? "")}"`}`;
  if (/^\s*[\w.-]+\s*$/.test(line)) return `a key has a value: ${line.trim()} = …`;
  return undefined;
}

const isValue = (text: string): boolean =>
  /^(?:true|false|[-+]?(?:0|[1-9](?:_?\d)*)(?:\.\d+(?:_?\d)*)?(?:[eE][-+]?\d+)?|"(?:[^"\\]|\\.)*"|'[^']*'|\[.*\])$/.test(
    text,
  );

/** Without what may stand around it by mistake. */
const bare = (text: string): string =>
  text
    .trim()
    .replace(/^["'`]|["'`]$/g, "")
    .replace(/,$/, "");

const straight = (line: string): string =>
  line
    .trim()
    .replaceAll(/[“”„‟«»]/g, '"')
    .replaceAll(/[‘’‚‛`´]/g, "'");

/** Strings are `S`, so that what is in them is not taken for signs. */
const withoutStrings = (line: string): string => line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, "S");

/** A string that begins in this line and does not end in it. */
function openString(line: string): { readonly mark: string; readonly text: string } | undefined {
  for (let at = 0; at < line.length; at += 1) {
    const mark = line[at];
    if (mark === "#") return undefined;
    if (mark !== '"' && mark !== "'") continue;
    let end = at + 1;
    while (end < line.length && line[end] !== mark) end += mark === '"' && line[end] === "\\" ? 2 : 1;
    if (end >= line.length) return { mark, text: line.slice(at + 1) };
    at = end;
  }
  return undefined;
}
