/**
 * What a configuration keeps secret is not shown: not in the line that a mistake stands in, and not in what a parser says of it.
 * Whether something is a secret is told by the name of its key, by the schema (`writeOnly`, `format: "password"`), and by an address
 * with a password in it.
 */
import type { Path } from "../config/text/locate.ts";
import type { SourceText } from "../config/text/source.ts";
import type { Place, Problem } from "../core/problem.ts";
import type { Format } from "./format.ts";

const secretWords =
  /pass(?:word|wd|phrase|code)|pass$|secret|token|credential|api_?key|access_?key|private_?key|signing_?key|encryption_?key|authorization|bearer|cookie|jwt|webhook|(?:^|_)(?:keys?|auth|salt|pepper|pem|dsn|pin|pwd|pw)$|connection_?string/;

/** `dbPassword`, `DB_PASSWORD`, `db-password` */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
  return secretWords.test(words);
}

export const isSecretPath = (path: Path): boolean =>
  path.some((part) => typeof part === "string" && part.split(".").some(isSecretName));

const hidden = "•••";

/** The place with the line hidden from here on; as much of it is dots as the column tells anyway. */
export function hideValue(place: Place, from: number = place.column): Place {
  const dots = "•".repeat(Math.max(0, place.column - from));
  return { ...place, text: `${place.text.slice(0, from - 1)}${dots}${hidden}`, length: hidden.length };
}

/** `name: `, `"name": `, `export NAME=`, `name value`; and any other word, which is not a loss. */
const named = /([\w.-]+)["'`]?\s*[:=]?\s*/g;
const beginsWithName = /^\s*(?:-\s+)?(?:export\s+)?["'`]?([\w.-]+)["'`]?\s*(?::(?:\s|$)|=(?![=\s]*$))/;
/** `.properties` need neither. */
const beginsWithWord = /^\s*([\w.-]+)(?:\s|[:=]|$)/;
/** To the last `@` of the word: passwords have all kinds of characters. */
const password = /:\/\/[^\s/@:"']{0,200}:([^\s"']{1,200})@/;

/**
 * For a mistake anywhere in the text: nothing that is or might be part of a secret is left in it.
 * Of an env file no value is shown.
 */
export function withoutSecrets(problem: Problem, source: SourceText, format: Format): Problem {
  if (problem.place === undefined) return problem;
  return { ...problem, place: masked(problem.place, source, format) };
}

function masked(place: Place, source: SourceText, format: Format): Place {
  if (isInsideSecret(place, source, format)) return hideValue(place, 1 + (/^\s*/.exec(place.text)?.[0].length ?? 0));
  const from = secretIn(place.text, format);
  return from === undefined ? place : hideFrom(place, from);
}

let lastLine: { readonly text: string; readonly format: Format; readonly from: number | undefined } | undefined;

/** The column from which on the line is secret. A file that is one long line is asked about for each mistake in it. */
function secretIn(text: string, format: Format): number | undefined {
  if (lastLine?.text !== text || lastLine.format !== format) lastLine = { text, format, from: lookedFor(text, format) };
  return lastLine.from;
}

function lookedFor(text: string, format: Format): number | undefined {
  const address = password.exec(text);
  const inAddress = address?.[1] === undefined ? undefined : address.index + address[0].length - address[1].length;
  for (const match of text.matchAll(named)) {
    if (format !== "env" && !isSecretName(match[1] ?? "")) continue;
    if (format === "env" && match[1] === "export") continue;
    return Math.min(match.index + match[0].length + 1, inAddress ?? text.length + 1);
  }
  return inAddress;
}

/** What stands before it, the key, may be what is wrong. */
const hideFrom = (place: Place, from: number): Place =>
  place.column < from ? { ...place, text: `${place.text.slice(0, from - 1)}${hidden}` } : hideValue(place, from);

/** A line without a name of its own, below one that names a secret: a key or certificate of several lines, or a string without an end. */
function isInsideSecret(place: Place, source: SourceText, format: Format): boolean {
  const lines = source.text.split(/\r?\n/);
  for (let line = place.line; line >= 1; line -= 1) {
    const name = (format === "properties" ? beginsWithWord : beginsWithName).exec(lines[line - 1] ?? "")?.[1];
    if (name === undefined) continue;
    return line < place.line && isSecretName(name);
  }
  return false;
}
