/** What the program itself hands to a session: the streams, the environment and the signals of this process. */
import { fstatSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import { systemClock } from "../adapters/clock.ts";
import { listen } from "../adapters/signals/signals.ts";
import { keepYoungSmall } from "../adapters/system/memory.ts";
import { isInputEmpty } from "../adapters/terminal/input.ts";
import { isForeground, isOurs, isTerminalNobodys } from "../adapters/terminal/modes.ts";
import { clearScreen, resetSequence } from "../adapters/terminal/screen.ts";
import { takeTerminal } from "../adapters/terminal/terminal.ts";
import { faultCode, stopOnFault } from "../faults.ts";
import type { Io, OutputStream } from "../session/io.ts";
import { begunMark } from "../session/neighbours.ts";

export { ownOutput } from "../adapters/system/own-output.ts";

/** Device and inode: `2>&1`, and a terminal. */
function isOneFile(): boolean {
  try {
    const [out, err] = [fstatSync(1), fstatSync(2)];
    return out.dev === err.dev && out.ino === err.ino;
  } catch {
    return false;
  }
}

export const processIo = (version: () => string): Io => ({
  cwd: () => process.cwd(),
  env: process.env,
  stdin: { isTTY: isatty(0) },
  // Made when it is asked for: where it is a file, that loads what Node has for streams of files.
  input: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  streams: "lent",
  isOneStream: isOneFile(),
  clock: systemClock,
  listen,
  faults: { code: faultCode, stopOnFault },
  terminal: {
    open: takeTerminal,
    clear: clearScreen,
    asFound: resetSequence,
    isOurs,
    isForeground,
    isNobodys: isTerminalNobodys,
    isInputEmpty,
  },
  begun: keepYoungSmall,
  isInit: process.pid === 1,
  isBackground: false,
  program: [process.execPath, ...process.execArgv, process.argv[1] ?? ""],
  words: process.argv.slice(2),
  version,
});

/** Of the one that stays when `--background` has returned: no terminal, no input, and nobody who reads once it has begun. */
export function backgroundIo(version: () => string): Io & { hush(): void } {
  let isHushed = false;
  const until = (stream: NodeJS.WriteStream): OutputStream =>
    new Writable({
      write(chunk: Buffer, _, done) {
        if (!isHushed) stream.write(chunk);
        done();
      },
    });
  return {
    ...processIo(version),
    stdin: { isTTY: false },
    stdout: until(process.stdout),
    stderr: until(process.stderr),
    streams: "kept",
    listen: (asked) => listen(asked, true),
    terminal: undefined,
    isBackground: true,
    hush() {
      isHushed = true;
      process.stderr.write(begunMark);
    },
    aloud(say) {
      isHushed = false;
      say();
      isHushed = true;
    },
  };
}
