/** The modes of the terminal (`stty`): a program that was killed may have left it raw, or without echo. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { isatty } from "node:tty";
import { hasProc, statOf } from "./system/proc.ts";

export interface TerminalModes {
  /** Resolves to words for `stty`; `undefined` where there is no terminal, or no `stty`. */
  readonly text: Promise<string | undefined>;
  /** Node does this by itself when it exits (also after a throw), but not when a signal ends it. */
  restore(): void;
}

/** What every shell has when it starts a program, for as long as more is not known. */
export const shellModes = "sane";

/** Remembers the modes, without waiting for them. */
export function rememberModes(): TerminalModes {
  if (process.platform === "win32" || !isForeground()) return { text: Promise.resolve(undefined), restore() {} };
  let modes = "";
  const stty = started();
  if (stty === undefined) return { text: Promise.resolve(undefined), restore() {} };
  const text = new Promise<string | undefined>((resolve) => {
    stty.once("error", () => resolve(undefined));
    stty.once("close", () => {
      modes = isCooked(modes.trim()) ? modes.trim() : shellModes;
      resolve(modes || undefined);
    });
  });
  // Without a free descriptor there is no pipe.
  stty.stdout?.setEncoding("utf8").on("data", (part: string) => {
    modes += part;
  });
  stty.unref();
  return {
    text,
    restore() {
      if (modes === "" || !isForeground()) return;
      spawnSync("stty", [modes], { stdio: ["inherit", "ignore", "ignore"] });
    },
  };
}

function started(): ChildProcess | undefined {
  try {
    return spawn("stty", ["-g"], { stdio: ["inherit", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
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

/** Whether this process may set the modes of the terminal: a background job that tries is stopped by it. */
export function isForeground(): boolean {
  if (!isatty(0)) return false;
  if (!hasProc) return true;
  const stat = statOf(process.pid);
  return stat !== undefined && stat.group === stat.terminalGroup;
}
