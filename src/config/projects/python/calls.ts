/** What a file of Python says in a call, as far as its words tell: `app.run(port=8080, debug=True)`. */

export interface CallWords {
  /** Literal words, and those of the environment with a literal in case it has none. */
  readonly known: Readonly<Record<string, string>>;
  /** Words whose value only the program knows, as they stand there. */
  readonly unknown: Readonly<Record<string, string>>;
}

export const nothingGiven: CallWords = { known: {}, unknown: {} };

/** `port=8080`, `host="0.0.0.0"`, `port=int(os.environ.get("PORT", 8080))` */
export function argumentsOf(text: string, call: string, env: NodeJS.ProcessEnv): CallWords {
  const at = text.search(new RegExp(`(?<![\\w.])${call.replaceAll(".", "\\.")}\\s*\\(`));
  if (at < 0) return nothingGiven;
  const open = text.indexOf("(", at);
  const words = wordsOf(text.slice(open + 1, closing(text, open)));
  const known: Record<string, string> = {};
  const unknown: Record<string, string> = {};
  for (const word of words) {
    const [, name, value] = /^\s*(host|port|debug|reload|use_reloader)\s*=\s*([\s\S]*?)\s*$/.exec(word) ?? [];
    if (name === undefined || value === undefined) continue;
    const read = literalOf(namedOnce(value, text) ?? value, env);
    if (read === undefined) unknown[name] = value.replaceAll(/\s+/g, " ");
    else known[name] = read;
  }
  return { known, unknown };
}

/** `port = int(os.environ.get("PORT", 8080))`, the only one of this name. */
function namedOnce(name: string, text: string): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
  const [only, ...others] = text.matchAll(
    new RegExp(`^[ \\t]*${name}[ \\t]*(?::[^=\\n]+)?=(?!=)[ \\t]*(.+?)[ \\t]*(?:#.*)?$`, "gm"),
  );
  return others.length === 0 ? only?.[1] : undefined;
}

/** Whether only the file itself can say how it is served: it does something of its own first, or names what no command line is given. */
export const isForItself = (text: string, call: string): boolean =>
  preparesFirst(text, call) ||
  // A server that is made by hand stands beside something else.
  (call === "uvicorn.run" && /^if\s+__name__/m.test(text) && /\buvicorn\.Config\(/.test(text)) ||
  new RegExp(`(?<![\\w.])${call.replaceAll(".", "\\.")}\\s*\\([^#]*?\\b(?:ssl\\w*|log_config|uds)\\s*=`).test(text);

/** Whether something is done below `if __name__ == "__main__":` besides the call: `db.create_all()`. */
function preparesFirst(text: string, call: string): boolean {
  const [, block = ""] = /^if\s+__name__[^\n]*:[^\n]*\n((?:(?:[ \t][^\n]*)?(?:\n|$))*)/m.exec(text) ?? [];
  const at = block.search(new RegExp(`(?<![\\w.])${call.replaceAll(".", "\\.")}\\s*\\(`));
  if (at < 0) return false;
  return block
    .slice(0, at)
    .split("\n")
    .some((line) => !idleLine.test(line));
}

/** It names something, or says it. */
const idleLine =
  /^\s*(?:#.*|(?:import|from|print|pass|try|logg\w*|load_dotenv)\b.*|[\w.]+\s*(?::[^=]*)?=[^=].*|["'].*|[)\]}].*)?$/;

const literal = /^(?:"([^"]*)"|'([^']*)'|(\d+|True|False))$/;
const fromEnvironment =
  /^os\.(?:environ\.get|getenv)\(\s*["'](\w+)["']\s*(?:,\s*([^()]*?)\s*,?\s*)?\)(?:\s+or\s+(\S+))?$/;

function literalOf(value: string, env: NodeJS.ProcessEnv): string | undefined {
  const plain = literal.exec(value);
  if (plain !== null) return plain[1] ?? plain[2] ?? plain[3];
  const [, converted] = /^(?:int|str)\(\s*([\s\S]*?)\s*\)$/.exec(value) ?? [];
  if (converted !== undefined) return literalOf(converted, env);
  const [, name, inside, behind] = fromEnvironment.exec(value) ?? [];
  if (name === undefined) return undefined;
  const otherwise = inside ?? behind;
  return env[name] ?? (otherwise === undefined ? undefined : literalOf(otherwise, env));
}

/** Apart at the commas that stand in no call of their own. */
function wordsOf(text: string): string[] {
  const words = [""];
  let depth = 0;
  for (const sign of text) {
    depth += /[([{]/.test(sign) ? 1 : /[)\]}]/.test(sign) ? -1 : 0;
    if (sign === "," && depth === 0) words.push("");
    else words[words.length - 1] += sign;
  }
  return words;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text.charAt(at) === "(") depth += 1;
    else if (text.charAt(at) === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}
