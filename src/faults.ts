/**
 * What nobody foresaw, caught once, at the top: everything is stopped in order, one line says what happened and how to report it, and the
 * exit code is 70. A second one stops at once, a third does not wait any more (the guardian ends what is left).
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Problem } from "./core/problem.ts";
import { isOfMatcher } from "./matchers/blame.ts";

export const faultCode = 70;

/** Says it and begins to stop everything; called again for each further fault. */
type Stop = (problem: Problem) => void;

let stop: Stop | undefined;
let count = 0;

/** Whether a fault was caught: then the code of the exit is its own, whatever else was asked. */
export const hasFault = (): boolean => count > 0;

/** As long as something runs that must be stopped in order. Returns how to end that. */
export function stopOnFault(how: Stop): () => void {
  stop = how;
  return () => {
    stop = undefined;
  };
}

/** @param endNow prints the line where nobody else can, and ends the process */
export function catchFaults(endNow: (line: string | undefined) => void): void {
  const caught = (error: unknown): void => {
    if (isOfMatcher(error)) return;
    count += 1;
    const problem = problemOf(error);
    if (stop === undefined || count > 2) {
      endNow(count > 2 ? undefined : `error: ${problem.message}\n  ${problem.hint}\n`);
      return;
    }
    try {
      stop(problem);
    } catch {
      // It cannot even be stopped: what was said has to do, and the guardian ends what runs.
      endNow(`error: ${problem.message}\n`);
    }
  };
  process.on("uncaughtException", caught);
  process.on("unhandledRejection", caught);
}

function problemOf(error: unknown): Problem {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const [first = ""] = text.split("\n");
  const details = written(error instanceof Error ? (error.stack ?? text) : text);
  return {
    code: "session/fault",
    severity: "error",
    message: `reload itself has a fault, and stops everything: ${first}`,
    hint: `please report it (npm bugs reload-dev)${details === undefined ? "" : ` with ${details}`}; --trace FILE records how it comes about`,
  };
}

/** What belongs into a report and not on a terminal. */
function written(stack: string): string | undefined {
  const file = join(tmpdir(), `reload-fault-${process.pid}.txt`);
  try {
    writeFileSync(file, `${stack}\nNode ${process.version}, ${process.platform} ${process.arch}\n`, {
      mode: 0o600,
      flag: "wx",
    });
    return file;
  } catch {
    // Also where there is one already, of an earlier fault: that one is the cause.
    return undefined;
  }
}
