/** What stands in front of a program: what makes its files is made before each start, everything else once. */
import { compilerIn, isCopier } from "./compilers.ts";
import { flattened, type Made, runsWhatIsMade } from "./making.ts";
import type { Package } from "./package.ts";
import type { Program } from "./program.ts";
import { lineOf, readLine, type ShellStep } from "./shell.ts";

export interface StepBefore {
  readonly step: ShellStep;
  readonly directory: string;
  /** `;` stands behind it: what comes next comes in any case. */
  readonly mayFail?: boolean;
}

export function prepared(program: Program, before: readonly StepBefore[], its: Package): Program {
  if (before.length === 0) return program;
  const flat = before.flatMap(({ step, directory, mayFail = false }) =>
    flattened(step, { ...its, directory }).map((made) => ({ ...made, mayFail })),
  );
  const isMaking = ({ command }: Made): boolean => compilerIn(command) !== undefined || isCopier(command);
  const needs = flat.some(({ command }) => compilerIn(command) !== undefined) && runsWhatIsMade(program);
  const making = needs ? flat.filter(isMaking) : [];
  const others = flat.filter((each) => !making.includes(each));
  const once = others.map(({ command, directory, mayFail }) => ({
    line: mayFail ? `{ ${lineOf(command)} || true; }` : lineOf(command),
    directory,
  }));
  const builds = making.map(({ command, directory }) => ({ line: lineOf(command), directory }));
  return { ...program, once: [...once, ...program.once], builds: [...builds, ...program.builds] };
}

/** `predev`: plain commands are looked into, any other line is run as it is. */
export function preparedBy(program: Program, line: string, its: Package): Program {
  const steps = readLine(line)?.steps ?? [];
  const isPlain =
    steps.length > 0 &&
    steps.every(({ joint, command }) => ["", "&&"].includes(joint) && command.words[0]?.text !== "cd");
  if (!isPlain) return { ...program, once: [{ line, directory: its.directory }, ...program.once] };
  const before = steps.map((step) => ({ step, directory: its.directory }));
  return prepared(program, before, its);
}
