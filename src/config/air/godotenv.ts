/** Env files as air reads them: by the rules of godotenv 1.5, which its files were written for. Compared with the original in the tests. */

export type GoEnv =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly reason: string };

/** A string says why nothing of the file counts. */
export function byGodotenv(text: string): Iterable<readonly [name: string, value: string]> | string {
  const read = parseGoEnv(text);
  return read.ok ? read.values : read.reason;
}

/** A blank, but no end of a line. */
const blank = "[\\t\\v\\f\\r \\u0085\\u00a0]";
const leading = new RegExp(`^${blank}+`);
const trailing = new RegExp(`${blank}+$`);
const exported = new RegExp(`^export${blank}+`);

/** One mistake, and nothing of the file counts. */
export function parseGoEnv(text: string): GoEnv {
  const values = new Map<string, string>();
  let rest = nextStatement(text.replaceAll("\r\n", "\n"));
  while (rest !== "") {
    const named = nameIn(rest);
    if (typeof named === "string") return { ok: false, reason: named };
    const read = valueIn(named.rest, values);
    if (typeof read === "string") return { ok: false, reason: read };
    if (named.name !== "") values.set(named.name, read.value);
    rest = nextStatement(read.rest);
  }
  return { ok: true, values };
}

function nextStatement(text: string): string {
  let rest = text.trimStart();
  while (rest.startsWith("#")) {
    const end = rest.indexOf("\n");
    rest = end < 0 ? "" : rest.slice(end).trimStart();
  }
  return rest;
}

/** `NAME=` or, as in YAML, `NAME:`. A string says what is wrong. */
function nameIn(text: string): { readonly name: string; readonly rest: string } | string {
  const body = text.replace(leading, "").replace(exported, "");
  if (body === "") return "the name of a variable is missing";
  const end = body.search(/[=:]/);
  const name = end < 0 ? body : body.slice(0, end);
  const odd = [...name].find((char) => !/[\p{L}\p{N}_.\t\v\f\r \u0085\u00a0]/u.test(char));
  if (odd !== undefined) return `${JSON.stringify(odd)} cannot stand in the name of a variable`;
  if (end < 0) return { name: "", rest: body };
  return { name: name.trimEnd(), rest: body.slice(end + 1).replace(leading, "") };
}

function valueIn(
  text: string,
  before: ReadonlyMap<string, string>,
): { readonly value: string; readonly rest: string } | string {
  const quote = text.charAt(0);
  if (quote !== '"' && quote !== "'") {
    const end = text.search(/[\n\r]/);
    const line = end < 0 ? text : text.slice(0, end);
    return { value: expanded(withoutComment(line), before), rest: end < 0 ? "" : text.slice(end) };
  }
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] !== quote || text[at - 1] === "\\") continue;
    const inner = text.slice(0, at).replace(quote === '"' ? /^"+|"+$/g : /^'+|'+$/g, "");
    const value = quote === '"' ? expanded(unescaped(inner), before) : inner;
    return { value, rest: text.slice(at + 1) };
  }
  return `the quote ${quote} is not closed`;
}

/** From the last `#` with a blank before it. */
function withoutComment(line: string): string {
  for (let at = line.length - 1; at > 0; at -= 1) {
    if (line[at] === "#" && trailing.test(line.slice(0, at))) return trimmed(line.slice(0, at));
  }
  return trimmed(line);
}

const trimmed = (text: string): string => text.replace(leading, "").replace(trailing, "");

const unescaped = (text: string): string =>
  text
    .replaceAll(/\\./g, (pair) => (pair === "\\n" ? "\n" : pair === "\\r" ? "\r" : pair))
    .replaceAll(/\\([^$])/gs, "$1");

/** Only by what stands above in the same file: neither the environment nor another file is asked. */
const expanded = (text: string, before: ReadonlyMap<string, string>): string =>
  text.replaceAll(
    /(\\)?\$\(?\{?([A-Z0-9_]+)?\}?/g,
    (whole: string, quoted: string | undefined, name: string | undefined) => {
      if (quoted !== undefined) return whole.slice(1);
      return name === undefined ? whole : (before.get(name) ?? "");
    },
  );
