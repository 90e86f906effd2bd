/** What the terminal and the operating system ask of `reload` itself. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Asked {
  /** Exit code: 128 and the number of the signal; asked again, at once. */
  quit(code: number): void;
  /** Ctrl-Z: the processes in other groups are not reached by it; `false` continues them. */
  pause(isPaused: boolean): void;
  resized(): void;
}

/** Two of them within this time are one: under npm with bash as its shell, one Ctrl-C arrives twice, 1 ms apart. */
const doubledMs = 500;

/** Listens until the returned function is called. */
export function listen(asked: Asked): () => void {
  let interruptedAt = Number.NEGATIVE_INFINITY;
  const on: [NodeJS.Signals, () => void][] = [
    [
      "SIGINT",
      () => {
        const at = performance.now();
        if (at - interruptedAt < doubledMs) return;
        interruptedAt = at;
        asked.quit(130);
      },
    ],
    ["SIGTERM", () => asked.quit(143)],
    ["SIGHUP", () => asked.quit(129)],
  ];
  if (process.platform !== "win32") {
    on.push(
      ["SIGQUIT", () => asked.quit(131)],
      [
        "SIGTSTP",
        () => {
          asked.pause(true);
          // The default of SIGTSTP is gone with the listener; this one has none.
          process.kill(process.pid, "SIGSTOP");
        },
      ],
      ["SIGCONT", () => asked.pause(false)],
      ["SIGWINCH", () => asked.resized()],
    );
  }
  for (const [signal, heard] of on) process.on(signal, heard);

  /** Nobody reads any more (`reload | head -1`), or the terminal is gone. */
  const broken = (error: Error): void => {
    if (!("code" in error)) throw error;
    asked.quit(error.code === "EPIPE" ? 141 : 129);
  };
  process.stdout.on("error", broken);
  process.stderr.on("error", broken);

  return () => {
    for (const [signal, heard] of on) process.off(signal, heard);
  };
}

/** Whether this process may set the modes of the terminal: a background job that tries is stopped by it. */
export function isForeground(): boolean {
  if (process.stdin.isTTY !== true) return false;
  try {
    const text = readFileSync("/proc/self/stat", "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[2] === fields[5];
  } catch {
    return true;
  }
}

export interface TerminalModes {
  /** A program that was killed may have left the terminal raw, or without echo. */
  restore(): void;
}

/** Remembers the modes of the terminal, without waiting for them. Where there is none, or no `stty`, nothing is done. */
export function rememberModes(): TerminalModes {
  if (process.platform === "win32" || !isForeground()) return { restore() {} };
  let modes = "";
  const stty = spawn("stty", ["-g"], { stdio: ["inherit", "pipe", "ignore"] });
  stty.once("error", () => {});
  stty.stdout.setEncoding("utf8").on("data", (text: string) => {
    modes += text;
  });
  stty.unref();
  return {
    restore() {
      const saved = modes.trim();
      if (saved === "" || !isForeground()) return;
      spawnSync("stty", [saved], { stdio: ["inherit", "ignore", "ignore"] });
    },
  };
}
