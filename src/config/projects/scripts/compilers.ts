/** Programs that make files: which of them a line calls, and how it reads once it is to be done a single time. */
import { peelEverywhere } from "./options.ts";
import { lineOf, type Simple, type Word, word } from "./shell.ts";

const compilers: Readonly<Record<string, RegExp | undefined>> = {
  tsc: undefined,
  ttsc: undefined,
  tspc: undefined,
  "vue-tsc": undefined,
  "lb-tsc": undefined,
  swc: undefined,
  babel: undefined,
  esbuild: undefined,
  tsup: undefined,
  tsdown: undefined,
  rollup: undefined,
  rolldown: undefined,
  webpack: /^(?!.*\bserve\b)/,
  rspack: /^build|^$|^-/,
  ncc: /^build/,
  nest: /^build/,
  vite: /^build/,
  ng: /^build/,
  parcel: /^build/,
  pkgroll: undefined,
  bunchee: undefined,
  unbuild: undefined,
  microbundle: undefined,
  "tsc-alias": undefined,
  "resolve-tspaths": undefined,
  gulp: /build|compile/,
  grunt: /build|compile/,
  coffee: /(?:^|\s)-\w*c/,
  sass: undefined,
  tailwindcss: undefined,
  "@tailwindcss/cli": undefined,
  postcss: undefined,
  unocss: undefined,
  make: undefined,
};

/** Beside a compiler, they bring to its output what it does not. */
const copiers = new Set(["cp", "copyfiles", "cpx", "cpx2", "cpy", "ncp", "copy", "mkdir", "mkdirp"]);
const shellCopiers = /^(?:cp|mkdir)\b/;

const nameOf = (word: Word | undefined): string =>
  (word?.text ?? word?.raw ?? "").replace(/^.*node_modules\/\.bin\//, "");

/** `tsc`, `esbuild`; `undefined`: it compiles nothing. */
export function compilerIn({ words }: Simple): string | undefined {
  const [program, ...args] = words;
  const name = nameOf(program);
  if (!Object.hasOwn(compilers, name)) return undefined;
  const line = args.map(({ raw }) => raw).join(" ");
  if (/(?:^|\s)--noEmit(?!\s+false)/.test(line) || /(?:^|\s)(?:--version|--init|-v)(?:\s|$)/.test(line))
    return undefined;
  return compilers[name]?.test(line) === false ? undefined : name;
}

/** A file of the project's own that makes others, as its name says: `node build.mjs`, `./scripts/build.sh`. */
export function isOwnCompiler({ words }: Simple): boolean {
  const texts = words.map(({ text }) => text ?? "");
  const at = /^(?:node|tsx|ts-node|bun|deno|zx|sh|bash)$/.test(texts[0] ?? "") ? 1 : 0;
  const file = texts.slice(at).find((text) => !/^-|^run$/.test(text)) ?? "";
  return (
    (at === 1 || /^\.{1,2}\//.test(file)) &&
    /(?:^|[/._-])(?:build|compile|bundle|esbuild|rollup)\w*(?:\.config)?\.(?:[mc]?[jt]s|sh)$/.test(file)
  );
}

export function isCopier({ words }: Simple): boolean {
  const name = nameOf(words[0]);
  return copiers.has(name) || (name === "shx" && shellCopiers.test(words[1]?.text ?? ""));
}

const watchFlags = [
  "-w",
  "-watch",
  "--w",
  "--watch",
  "--preserveWatchOutput",
  "--no-clear-screen",
  "--watch-files-only",
  "--noClear",
];

/** `rollup -cw` */
const isGroup = (raw: string, program: string): boolean => program === "rollup" && /^-[a-z]*w[a-z]*$/.test(raw);

/** Whether it goes on making files for as long as it lives. */
export const isWatching = ({ words }: Simple): boolean =>
  words.some(
    ({ raw }) => /^(?:-w|--w|--?watch|--watch=(?!false).*|--serve.*)$/.test(raw) || isGroup(raw, nameOf(words[0])),
  ) || words[1]?.text === "watch";

/** The same, a single time. */
export function once({ words, ...rest }: Simple): string {
  const [program, ...args] = words;
  const own = args[0]?.text === "watch" ? args.slice(1) : args;
  const { kept, rest: others } = peelEverywhere(own, { values: [], dropped: watchFlags });
  const left = [...kept, ...others].map((each) =>
    isGroup(each.raw, nameOf(program)) ? word(each.raw.replace("w", "")) : each,
  );
  return lineOf({ ...rest, words: [...(program === undefined ? [] : [program]), ...left] });
}
