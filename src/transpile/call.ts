/** One call of a quick compiler, as words and as what they ask for. */

/** A path as the name of a file. */
export const asName = (path: string): string => path.replaceAll(/[^\w.-]+/g, "_").slice(-80);

export type CompilerCall =
  /** `-p CONFIG`: each file of a project; `--nest`: as nest-cli.json says; `--nest APP`: of one of several applications. */
  | { readonly is: "project"; readonly config: string; readonly isNest?: boolean; readonly app?: string }
  /** `--ts-node ENTRY -p CONFIG [--place DIRECTORY]`: for a program that is run by ts-node, which loads what is made from there. */
  | { readonly is: "ts-node"; readonly config: string; readonly entry: string; readonly place?: string }
  /** `tsup ARG...` */
  | { readonly is: "tsup"; readonly args: readonly string[] }
  /** `nest build ARG...`, by a bundler */
  | { readonly is: "nest"; readonly args: readonly string[] };

export interface Answer {
  readonly status: number;
  readonly output: string;
}

export interface Asked {
  readonly call: CompilerCall;
  /** What does the same, more slowly; empty: nothing does. */
  readonly otherwise: readonly string[];
}

export function readCall(words: readonly string[]): Asked {
  const [first = "", ...others] = words;
  if (first === "tsup") return { call: { is: "tsup", args: others }, otherwise: words };
  if (first === "nest" && others[0] === "build")
    return { call: { is: "nest", args: others.slice(1) }, otherwise: words };
  const at = words.indexOf("--else");
  const own = at < 0 ? words : words.slice(0, at);
  const otherwise = at < 0 ? [] : words.slice(at + 1);
  const config = valueAfter(own, "-p", "--project") ?? "tsconfig.json";
  const entry = valueAfter(own, "--ts-node");
  const place = valueAfter(own, "--place");
  if (entry !== undefined)
    return { call: { is: "ts-node", config, entry, ...(place === undefined ? {} : { place }) }, otherwise };
  const app = valueAfter(own, "--nest");
  const nest = { ...(own.includes("--nest") ? { isNest: true } : {}), ...(app === undefined ? {} : { app }) };
  return { call: { is: "project", config, ...nest }, otherwise };
}

export function valueAfter(words: readonly string[], ...names: readonly string[]): string | undefined {
  const at = words.findIndex((word) => names.includes(word));
  return at < 0 ? undefined : words[at + 1];
}
