/** Regular expressions were written for Go: what RE2 reads and JavaScript does not, or reads as something else. */

/** The same in JavaScript, where there is a way to say it; what is left is for `onlyInRe2`. */
export function fromRe2(pattern: string): string {
  const isAnyCase = pattern.startsWith("(?i)");
  const tokens = (isAnyCase ? pattern.slice(4) : pattern).match(pieces) ?? [];
  let isInClass = false;
  const written = tokens.map((token) => {
    const inClass = isInClass;
    if (token === "[" || token === "[^") isInClass = true;
    else if (token === "]") isInClass = false;
    return inClass ? inClassOf(token, isAnyCase) : outsideOf(token, isAnyCase);
  });
  return written.join("");
}

/** Quoted text, escapes, classes by name, ranges, the beginnings of groups, single characters. */
const pieces =
  /\\Q[\s\S]*?(?:\\E|$)|\\x\{[0-9A-Fa-f]+\}|\\[\s\S]|\[:\^?\w+:\]|\(\?P?<\w+>|\(\?[^:)]*[:)]|[A-Za-z]-[A-Za-z]|\[\^?|[\s\S]/g;

const classes: Readonly<Record<string, string>> = {
  "[:alpha:]": "A-Za-z",
  "[:digit:]": "0-9",
  "[:alnum:]": "0-9A-Za-z",
  "[:lower:]": "a-z",
  "[:upper:]": "A-Z",
  "[:space:]": "\\s",
  "[:word:]": "\\w",
  "[:xdigit:]": "0-9A-Fa-f",
  "[:punct:]": "!-\\/:-@\\[-`{-~",
};

const isLetter = (token: string): boolean => /^[A-Za-z]$/.test(token);
const bothCases = (text: string): string => text.toLowerCase() + text.toUpperCase();

function inClassOf(token: string, isAnyCase: boolean): string {
  // The bracket of a name such as [:alpha:] does not begin a class, but one that stands by itself is a character.
  if (token === "[" || token === "[^") return `\\${token}`;
  if (isAnyCase && isLetter(token)) return bothCases(token);
  if (isAnyCase && /^(?:[a-z]-[a-z]|[A-Z]-[A-Z])$/.test(token)) return bothCases(token);
  return classes[token] ?? codePoint(token);
}

function outsideOf(token: string, isAnyCase: boolean): string {
  if (token === "\\A") return "^";
  if (token === "\\z") return "$";
  if (token.startsWith("\\Q"))
    return Array.from(token.slice(2).replace(/\\E$/, ""), (each) => outsideOf(quoted(each), isAnyCase)).join("");
  if (token.startsWith("(?P<")) return `(?<${token.slice(4)}`;
  if (isAnyCase && isLetter(token)) return `[${bothCases(token)}]`;
  if (isAnyCase && /^[A-Za-z]-[A-Za-z]$/.test(token))
    return Array.from(token, (each) => outsideOf(each, true)).join("");
  return codePoint(token);
}

const quoted = (character: string): string => (/[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character);

function codePoint(token: string): string {
  const digits = /^\\x\{0*([0-9A-Fa-f]{1,4})\}$/.exec(token)?.[1];
  return digits === undefined ? token : `\\u${digits.padStart(4, "0")}`;
}

/** What to write instead, as a sentence; `undefined`: both read the expression in the same way. */
export function onlyInRe2(pattern: string): string | undefined {
  for (const [token] of pattern.matchAll(/\\[\s\S]|\[\[:\^?\w+:\]|\(\?P[<=]|\(\?[imsU-]+[:)]/g)) {
    const advice = adviceFor(token, pattern);
    if (advice !== undefined) return advice;
  }
  return undefined;
}

function adviceFor(token: string, pattern: string): string | undefined {
  if (token.startsWith("(?P")) return "named groups are written (?<name>…) in JavaScript";
  if (token.startsWith("(?"))
    return `flags inside of an expression (${token}) are only in RE2; for any case, write both: [aA]`;
  if (token.startsWith("[[:"))
    return `${token.slice(1)} is only in RE2; write the characters: [A-Za-z], [0-9], \\s, \\w`;
  switch (token) {
    case "\\A":
      return "\\A is only in RE2; write ^";
    case "\\z":
      return "\\z is only in RE2; write $";
    case "\\Q":
    case "\\E":
      return "\\Q…\\E is only in RE2; put a backslash before each special character";
    case "\\p":
    case "\\P":
      return `${token} is only in RE2; write the characters themselves`;
    case "\\x":
      return pattern.includes("\\x{") ? "\\x{…} is only in RE2; write \\uXXXX" : undefined;
    default:
      return undefined;
  }
}

/** Why a regular expression of air's cannot be taken over; nothing where it can. */
export function regexFault(given: string): { readonly message: string; readonly hint: string | undefined } | undefined {
  const pattern = fromRe2(given);
  const advice = onlyInRe2(pattern);
  try {
    new RegExp(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
    const hint = advice ?? "reload reads JavaScript regular expressions, air reads RE2";
    return { message: `is not a regular expression: ${reason}`, hint };
  }
  return advice === undefined ? undefined : { message: "means something else in JavaScript", hint: advice };
}
