/** What the program itself hands to a session: the streams, the environment and the signals of this process. */
import { systemClock } from "../adapters/clock.ts";
import { listen } from "../adapters/signals/signals.ts";
import { keepYoungSmall } from "../adapters/system/memory.ts";
import { isInputEmpty } from "../adapters/terminal/input.ts";
import { isOurs, isTerminalNobodys } from "../adapters/terminal/modes.ts";
import { clearScreen, resetSequence } from "../adapters/terminal/screen.ts";
import { createTerminal } from "../adapters/terminal/terminal.ts";
import { faultCode, stopOnFault } from "../faults.ts";
import type { Io } from "../session/io.ts";

export const processIo = (version: () => string): Io => ({
  cwd: () => process.cwd(),
  env: process.env,
  stdin: process.stdin,
  input: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  streams: "lent",
  clock: systemClock,
  listen,
  faults: { code: faultCode, stopOnFault },
  terminal: {
    open: createTerminal,
    clear: clearScreen,
    asFound: resetSequence,
    isOurs,
    isNobodys: isTerminalNobodys,
    isInputEmpty,
  },
  begun: keepYoungSmall,
  isInit: process.pid === 1,
  isBackground: false,
  version,
});
