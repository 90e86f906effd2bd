/** Env files that a shell reads in front of a program, in the ways in which people have it do so. */
import { textOf } from "../project.ts";
import type { Simple, Word } from "./shell.ts";

/** `$(cat .env | xargs)`, `$(grep -v '^#' .env)`, with what people put behind it. */
const reading =
  /^"?\$\((?:cat|(?:e|f)?grep (?:-\w+ )+(?:'[^']*'|"[^"]*"|\S+)) ([\w./-]+)(?: \| (?:xargs(?: -[\w0]+(?: '\\n')?)*|sed [^|]*|grep [^|]*))*\)"?$/;

/** The file that a word puts into the environment: of `export` and of `env`. */
export const fileOfWord = ({ raw }: Word): string | undefined => reading.exec(raw)?.[1];

/** `. ./.env` passes on what the file exports, all of it behind `set -a`; `undefined`: it is no env file. */
export function fileSourced({ words }: Simple, isExporting: boolean, directory: string): string | undefined {
  const [program, file, ...others] = words;
  if ((program?.text !== "." && program?.text !== "source") || file?.text === undefined || others.length > 0)
    return undefined;
  const lines = (textOf(directory, file.text) ?? "").split("\n");
  const isPlain = lines.every((line) => /^\s*(?:#.*|(?:export\s+)?\w+=.*)?$/.test(line) && !/\$\(|`/.test(line));
  const isPassedOn = isExporting || lines.every((line) => !/^\s*\w+=/.test(line));
  return isPlain && isPassedOn ? file.text : undefined;
}

/** `set -a`, `set -o allexport` */
export const startsExporting = ({ words }: Simple): boolean =>
  words[0]?.text === "set" &&
  words
    .slice(1)
    .some(({ text }, at, all) => /^-[a-z]*a/.test(text ?? "") || (text === "allexport" && all[at - 1]?.text === "-o"));
