/** The modes of the terminal (`stty`): a program that was killed may have left it raw, or without echo. */
import { spawn, spawnSync } from "node:child_process";
import { hasProc, statOf } from "./proc.ts";

export interface TerminalModes {
  /** Resolves to what `stty -g` writes; `undefined` where there is no terminal, or no `stty`. */
  readonly text: Promise<string | undefined>;
  /** Node does this by itself when it exits (also after a throw), but not when a signal ends it. */
  restore(): void;
}

/** Remembers the modes, without waiting for them. */
export function rememberModes(): TerminalModes {
  if (process.platform === "win32" || !isForeground()) return { text: Promise.resolve(undefined), restore() {} };
  let modes = "";
  const stty = spawn("stty", ["-g"], { stdio: ["inherit", "pipe", "ignore"] });
  const text = new Promise<string | undefined>((resolve) => {
    stty.once("error", () => resolve(undefined));
    stty.once("close", () => resolve(modes.trim() || undefined));
  });
  stty.stdout.setEncoding("utf8").on("data", (part: string) => {
    modes += part;
  });
  stty.unref();
  return {
    text,
    restore() {
      const saved = modes.trim();
      if (saved === "" || !isForeground()) return;
      spawnSync("stty", [saved], { stdio: ["inherit", "ignore", "ignore"] });
    },
  };
}

/** Whether this process may set the modes of the terminal: a background job that tries is stopped by it. */
export function isForeground(): boolean {
  if (process.stdin.isTTY !== true) return false;
  if (!hasProc) return true;
  const stat = statOf(process.pid);
  return stat !== undefined && stat.group === stat.terminalGroup;
}
