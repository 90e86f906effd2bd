/** One pattern with wildcards as git compares it (its wildmatch with WM_PATHNAME), as a regular expression. */

/** A character for each byte, as git counts them: `?` is half an `é`. */
export const bytes = (text: string): string => (notAscii.test(text) ? Buffer.from(text).toString("latin1") : text);

const notAscii = /[^\x00-\x7f]/;

/** What stands for more than itself. */
export const special = /[*?[\\]/;

const posixClasses: Readonly<Record<string, string>> = {
  alnum: "a-zA-Z0-9",
  alpha: "a-zA-Z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "\\x21-\\x7e",
  lower: "a-z",
  print: "\\x20-\\x7e",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "0-9a-fA-F",
};

/** @returns `undefined` for a pattern that can match nothing (an unclosed bracket, a lone backslash at the end) */
export function wildmatch(pattern: string): RegExp | undefined {
  const firstWildcard = pattern.search(special);
  let source = "";
  let at = 0;
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    if (char === "*") {
      const start = at;
      while (pattern[at] === "*") at++;
      // Git compares what stands before the first wildcard by itself, so that two stars there count as if they began a segment.
      const opens = start === firstWildcard || pattern[start - 1] === "/";
      const isDouble = at - start >= 2 && opens && /^(?:$|\/|\\\/)/.test(pattern.slice(at));
      if (!isDouble) source += "[^/]*";
      else if (pattern[at] !== "/") source += ".*";
      else {
        source += "(?:.*/)?";
        at++;
      }
    } else if (char === "?") {
      source += "[^/]";
      at++;
    } else if (char === "[") {
      const bracket = bracketClass(pattern, at);
      if (bracket === undefined) return undefined;
      source += bracket.source;
      at = bracket.end;
    } else if (char === "\\") {
      if (at + 1 >= pattern.length) return undefined;
      source += escaped(pattern.charAt(at + 1));
      at += 2;
    } else {
      source += escaped(char);
      at++;
    }
  }
  try {
    return new RegExp(`^${source}$`, "s");
  } catch {
    return undefined; // A reversed range such as [z-a]: git matches nothing with it either.
  }
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

function bracketClass(pattern: string, start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  const isNegated = pattern[at] === "!" || pattern[at] === "^";
  if (isNegated) at++;
  let members = "";
  let isFirst = true;
  for (;;) {
    if (at >= pattern.length) return undefined;
    const char = pattern.charAt(at);
    if (char === "]" && !isFirst) break;
    isFirst = false;
    if (char === "[" && pattern[at + 1] === ":") {
      const close = pattern.indexOf(":]", at + 2);
      const named = close === -1 ? undefined : posixClasses[pattern.slice(at + 2, close)];
      if (named === undefined) return undefined;
      members += named;
      at = close + 2;
      continue;
    }
    const from = classMember(pattern, at);
    if (from === undefined) return undefined;
    at = from.end;
    if (pattern[at] === "-" && pattern[at + 1] !== "]" && at + 1 < pattern.length) {
      const to = classMember(pattern, at + 1);
      if (to === undefined) return undefined;
      at = to.end;
      // To git a reversed range is its first character.
      members += from.char <= to.char ? `${quoted(from.char)}-${quoted(to.char)}` : quoted(from.char);
    } else {
      members += quoted(from.char);
    }
  }
  const end = at + 1;
  if (members === "") return { source: isNegated ? "[^/]" : "[]", end };
  return { source: isNegated ? `[^/${members}]` : `(?!/)[${members}]`, end };
}

function classMember(pattern: string, at: number): { char: string; end: number } | undefined {
  const start = pattern[at] === "\\" ? at + 1 : at;
  return start < pattern.length ? { char: pattern.charAt(start), end: start + 1 } : undefined;
}

const quoted = (char: string): string => char.replace(/[\\\]^[-]/g, "\\$&");
