/** The modes of the terminal (`stty`): a program that was killed may have left it raw, or without echo. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { isatty } from "node:tty";
import { hasProc, statOf } from "../system/proc.ts";

/** What every shell has when it starts a program, for as long as more is not known. */
export const shellModes = "sane";
/** Characters come singly and are not shown; what the terminal sends (Ctrl-C, Ctrl-Z) it still sends. */
export const keyModes = ["-icanon", "-echo", "isig", "min", "1", "time", "0"];

/** The modes as words for `stty`; `undefined` where there is no terminal of ours, or no `stty`. */
export function readModes(): Promise<string | undefined> {
  if (!isOurs()) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const stty = start(["-g"], "pipe");
    let modes = "";
    if (stty === undefined) return resolve(undefined);
    stty.once("error", () => resolve(undefined));
    stty.once("close", () => resolve(isCooked(modes.trim()) ? modes.trim() : shellModes));
    // Without a free descriptor there is no pipe.
    stty.stdout?.setEncoding("utf8").on("data", (part: string) => {
      modes += part;
    });
    stty.unref();
  });
}

/** Resolves when it is done, or cannot be. */
export function setModes(words: readonly string[]): Promise<void> {
  if (!isOurs()) return Promise.resolve();
  return new Promise((resolve) => {
    const stty = start(words, "ignore");
    if (stty === undefined) return resolve();
    stty.once("error", () => resolve());
    stty.once("exit", () => resolve());
  });
}

function start(words: readonly string[], output: "pipe" | "ignore"): ChildProcess | undefined {
  try {
    return spawn("stty", words, { stdio: ["inherit", output, "ignore"] });
  } catch {
    // No free descriptor, or no room for another process.
    return undefined;
  }
}

/** The same while everything else waits: for the end, and before a stop. */
export function setModesNow(words: readonly string[]): void {
  if (isOurs()) spawnSync("stty", words, { stdio: ["inherit", "ignore", "ignore"] });
}

/**
 * With echo and whole lines, as every shell has it when it starts a program. Else the program that was started at the
 * same time was quicker than we. On Linux the fourth of the numbers has the flags, ICANON 2 and ECHO 8; on macOS `lflag`, 0x100 and 8.
 */
function isCooked(modes: string): boolean {
  const linux = /^(?:[0-9a-f]+:){3}([0-9a-f]+):/i.exec(modes)?.[1];
  if (linux !== undefined) return (Number.parseInt(linux, 16) & 0xa) === 0xa;
  const mac = /\blflag=([0-9a-f]+)/i.exec(modes)?.[1];
  return mac === undefined || (Number.parseInt(mac, 16) & 0x108) === 0x108;
}

/** What is typed comes to us: its modes may be set, and it may be read. */
export const isOurs = (): boolean => process.platform !== "win32" && isatty(0) && isForeground();

/** Whether the terminal is ours at the moment: a background job that reads from it or sets its modes is stopped by that. */
export function isForeground(): boolean {
  if (!hasProc) return [0, 1, 2].some((descriptor) => isatty(descriptor));
  const stat = statOf(process.pid);
  return stat !== undefined && stat.group === stat.terminalGroup;
}

/** The group that had the terminal is no more, so that what is typed there reaches nobody, Ctrl-C included. */
export function isTerminalNobodys(): boolean {
  const stat = hasProc && isatty(0) ? statOf(process.pid) : undefined;
  if (stat === undefined || stat.terminalGroup <= 0 || stat.group === stat.terminalGroup) return false;
  try {
    return !process.kill(-stat.terminalGroup, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
