/** Builds that do not end: most of them are the program itself, as with `go run .`. */

import { membersOf } from "../adapters/process/group.ts";
import { portsOf } from "../adapters/process/held-up.ts";
import type { Problem } from "../core/problem.ts";
import { shortDuration } from "../report/words.ts";

/** When it is looked at for the first time; then after twice as long, and so on. In milliseconds. */
const firstLookMs = 2_000;
/** A compiler can take long. What listens on a port is not a compiler. */
const longMs = 60_000;

export interface EndlessParts {
  /** The build is the program. */
  found(ports: readonly number[]): void;
  /** It takes very long. */
  late(afterMs: number): void;
}

/** Looks at a build until the returned function is called, or until it has told what it found. */
export function watchForEnd(group: number, parts: EndlessParts): () => void {
  let timer: NodeJS.Timeout;
  const look = (pauseMs: number, afterMs: number): void => {
    timer = setTimeout(() => {
      const ports = [...portsOf(membersOf(group))];
      if (ports.length > 0) parts.found(ports);
      else if (afterMs >= longMs) parts.late(afterMs);
      else look(Math.min(pauseMs * 2, longMs - afterMs), Math.min(afterMs + pauseMs * 2, longMs));
    }, pauseMs).unref();
  };
  look(firstLookMs, firstLookMs);
  return () => clearTimeout(timer);
}

export const endlessBuild = (build: number, command: string, ports: readonly number[]): Problem => ({
  code: "process/endless-build",
  severity: "warning",
  message: `build ${build} does not end, and listens on ${ports.map((port) => `:${port}`).join(", ")}`,
  hint: `if "${command}" is the program itself, write it as cmd under [proc]; cmd under [build] is for what ends`,
});

export const lateBuild = (build: number, command: string, afterMs: number): Problem => ({
  code: "process/endless-build",
  severity: "warning",
  message: `build ${build} has been running for ${shortDuration(afterMs)}: ${command}`,
  hint: "if that is the program itself, write it as cmd under [proc]; a limit is timeout under [build]",
});
