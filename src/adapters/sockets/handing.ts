/**
 * How a command gets sockets that were opened for it: systemd's variables, of which `LISTEN_PID` has to name the process
 * that accepts (gunicorn and go-systemd insist on it). Only a shell knows that number before the program begins, and only
 * if it becomes the program.
 */
import type { Command } from "../../core/command.ts";
import { runserverPath } from "./runserver.ts";
import type { OpenSocket } from "./sockets.ts";

export interface Handing {
  readonly command: Command;
  /** For the process alone: what is started to ask about it has no descriptors. */
  readonly env: Readonly<Record<string, string>>;
  /** From 3 on. */
  readonly descriptors: readonly number[];
  /** For the front of `PYTHONPATH`, where the program cannot take a socket by itself. */
  readonly pythonPath?: string;
}

export function handing(command: Command, sockets: readonly OpenSocket[]): Handing {
  const descriptors = sockets.map(({ descriptor }) => descriptor);
  const place = runserverPath(command);
  const path = place === undefined ? {} : { pythonPath: place };
  const env = { LISTEN_FDS: String(sockets.length), LISTEN_FDNAMES: sockets.map(({ name }) => name).join(":") };
  if (typeof command !== "string") {
    // The words stay as they are: they are the arguments of a shell that becomes the program.
    return { command: ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", ...command], env, descriptors, ...path };
  }
  const at = whereToExec(command);
  if (at === undefined) return { command, env, descriptors, ...path };
  return { command: `${command.slice(0, at)}LISTEN_PID=$$ exec ${command.slice(at)}`, env, descriptors, ...path };
}

/** What a shell does by itself: it cannot become these. */
const own = new Set(
  "! . : [ [[ { alias bg break builtin case cd command continue eval exec exit export fg for function if jobs local pushd popd read readonly return set shift source test times time trap type ulimit umask unalias unset until wait while".split(
    " ",
  ),
);

/**
 * Where the program of a simple command begins, behind variables that are set for it; `undefined` where a shell has
 * something to do itself: operators, substitutions that run programs, words of its own.
 */
export function whereToExec(line: string): number | undefined {
  let quote = "";
  let word = "";
  let start: number | undefined;
  let program: { readonly at: number; readonly word: string } | undefined;
  const end = (): void => {
    if (start !== undefined && program === undefined && !/^[A-Za-z_]\w*\+?=/.test(word)) program = { at: start, word };
    start = undefined;
    word = "";
  };
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (quote === "'") {
      if (character === "'") quote = "";
      continue;
    }
    if (character === "`" || (character === "$" && line.charAt(at + 1) === "(")) return undefined;
    if (character === "\\") {
      start ??= at;
      at += 1;
      continue;
    }
    if (quote === '"') {
      if (character === '"') quote = "";
      continue;
    }
    if (character === "&" && />$/.test(line.slice(0, at))) continue;
    if (/[|&;()\n]/.test(character)) return undefined;
    if (character === "#" && start === undefined) return undefined;
    if (/[\t ]/.test(character)) {
      end();
      continue;
    }
    start ??= at;
    word += character;
    if (character === "'" || character === '"') quote = character;
  }
  end();
  if (quote !== "" || program === undefined || own.has(program.word)) return undefined;
  return /^\d*[<>]/.test(program.word) ? undefined : program.at;
}
