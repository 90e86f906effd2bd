/** What the terminal and the operating system ask of `reload` itself. */
import { systemCode } from "../../core/errors.ts";
import { hasProc, statOf } from "../system/proc.ts";
import { watchParent } from "./parent.ts";
import { watchReaders } from "./readers.ts";

export interface SignalDeeds {
  /** Exit code: 128 and the number of the signal; asked again, at once. */
  quit(code: number): void;
  /** Ctrl-Z: the processes in other groups are not reached by it; `false` continues them. */
  pause(isPaused: boolean): void;
  resized(): void;
  /** What has no meaning for us, and may have one for the programs. */
  passOn(signal: "SIGUSR1" | "SIGUSR2"): void;
}

/** Two of them within this time are one: under npm with bash as its shell, one Ctrl-C arrives twice, 1 ms apart. */
const doubledMs = 500;

/** Listens until the returned function is called. `isAlone`: whoever started it may go, and nobody reads what it says. */
export function listen(asked: SignalDeeds, isAlone = false): () => void {
  const askedAt = new Map<number, number>();
  const quit = (code: number) => (): void => {
    const at = performance.now();
    const before = askedAt.get(code);
    askedAt.set(code, at);
    if (before === undefined || at - before >= doubledMs) asked.quit(code);
  };
  /** The terminal is gone: the kernel says so, the shell says so, and then every line that we write. None of it is impatience. */
  const gone = (code: number) => (): void => {
    if (askedAt.size === 0) asked.quit(code);
    askedAt.set(code, performance.now());
  };
  const on: [NodeJS.Signals, () => void][] = [
    ["SIGINT", quit(130)],
    ["SIGTERM", quit(143)],
    ["SIGHUP", gone(129)],
  ];
  /** What it was when we went on, until it has been asked for. */
  let sizeBefore: string | undefined;
  if (process.platform !== "win32") {
    on.push(
      ["SIGQUIT", quit(131)],
      [
        "SIGTSTP",
        () => {
          if (!isUnderJobControl()) return;
          asked.pause(true);
          // The default of SIGTSTP is gone with the listener; this one has none.
          process.kill(process.pid, "SIGSTOP");
        },
      ],
      [
        "SIGCONT",
        () => {
          asked.pause(false);
          sizeBefore = windowSize();
          // Who is stopped is not told of another size of the window. With this Node asks for it.
          process.kill(process.pid, "SIGWINCH");
        },
      ],
      [
        "SIGWINCH",
        () => {
          const isSame = sizeBefore !== undefined && sizeBefore === windowSize();
          sizeBefore = undefined;
          if (!isSame) asked.resized();
        },
      ],
      // Without a listener the first opens Node's inspector, and the second ends us.
      ["SIGUSR1", () => asked.passOn("SIGUSR1")],
      ["SIGUSR2", () => asked.passOn("SIGUSR2")],
    );
  }
  for (const [signal, heard] of on) process.on(signal, heard);

  /** Nobody reads any more (`reload | head -1`), or the terminal is gone. A disk that is full is neither. */
  const broken = (error: unknown): void => {
    const code = systemCode(error);
    if (code === "EPIPE" || code === "ECONNRESET") gone(141)();
    else if (code === "EIO" || code === "ENXIO") gone(129)();
  };
  process.stdout.on("error", broken);
  process.stderr.on("error", broken);
  const unwatch = isAlone ? [] : [watchReaders(gone(141)), watchParent(process.env, gone(129))];

  return () => {
    for (const end of unwatch) end();
    for (const [signal, heard] of on) process.off(signal, heard);
  };
}

const windowSize = (): string =>
  [process.stdout, process.stderr].map(({ columns, rows }) => `${columns}x${rows}`).join(" ");

/**
 * Whether somebody is there to continue what stops: an ancestor in this session and in another group, a shell with job
 * control. Where there is none (`ssh -t host reload`, a container) the kernel lets SIGTSTP pass without effect, and so do we.
 */
function isUnderJobControl(): boolean {
  if (!hasProc) return true;
  const own = statOf(process.pid);
  for (let stat = own; own !== undefined && stat !== undefined && stat.parent > 0; ) {
    stat = statOf(stat.parent);
    if (stat?.session !== own.session) return false;
    if (stat.group !== own.group) return true;
  }
  return false;
}
