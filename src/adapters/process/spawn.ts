/** A command as an operating system wants it: a file and its arguments, in a group of its own. */
import { existsSync, statSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import type { Command } from "../../core/command.ts";
import { reasonOf, systemCode } from "../../core/errors.ts";
import type { Exit } from "../../core/types.ts";

export interface SpawnTarget {
  readonly file: string;
  readonly args: readonly string[];
  /** Windows: the arguments are one command line already. */
  readonly verbatim: boolean;
}

/** A string goes to the shell, with `args` as its positional words; a list is run as it is. */
export function targetOf(command: Command, args: readonly string[] = []): SpawnTarget {
  if (typeof command !== "string") {
    const [file, ...rest] = command;
    return { file, args: [...rest, ...args], verbatim: false };
  }
  if (process.platform === "win32") {
    const line = [command, ...args.map((word) => `"${word.replaceAll('"', '""')}"`)].join(" ");
    return { file: process.env["ComSpec"] ?? "cmd.exe", args: ["/d", "/s", "/c", `"${line}"`], verbatim: true };
  }
  return args.length === 0
    ? { file: "/bin/sh", args: ["-c", command], verbatim: false }
    : { file: "/bin/sh", args: ["-c", `${command} "$@"`, "sh", ...args], verbatim: false };
}

/** Why a command could not be started. ENOENT means either the command or its directory: the directory is looked at. */
export function whyNotStarted(error: unknown, file: string, cwd: string): Extract<Exit, { is: "unstartable" }> {
  const code = systemCode(error);
  if (code === "ENOENT") {
    if (!isDirectory(cwd)) return { is: "unstartable", missing: false, message: `the directory ${cwd} does not exist` };
    return { is: "unstartable", missing: true, message: `${file}: ${whatIsMissing(file, cwd)}` };
  }
  if (code === "EACCES")
    return { is: "unstartable", missing: false, message: `${file}: permission denied (is it executable?)` };
  if (code === "E2BIG")
    return { is: "unstartable", missing: false, message: `${file}: arguments and environment are too long` };
  return { is: "unstartable", missing: false, message: `${file}: ${reasonOf(error)}` };
}

function whatIsMissing(file: string, cwd: string): string {
  if (file.includes("/") && existsSync(resolve(cwd, file))) return "the interpreter in its first line does not exist";
  return /\s/.test(file)
    ? "no such command (one word is the name of a program; a shell takes lines: sh -c '…')"
    : "no such command";
}

export function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (signal !== null) return { is: "signal", signal, number: constants.signals[signal] };
  return { is: "code", code: code ?? 1 };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
