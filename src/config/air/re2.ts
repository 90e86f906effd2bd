/** Regular expressions were written for Go: what RE2 reads and JavaScript does not, or reads as something else. */

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
